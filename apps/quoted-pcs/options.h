// The command line of quoted-pcs.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "certification/settings.h"
#include "http/endpoint.h"
#include "telemetry/log.h"

namespace quoted::pcs {

struct Options {
  std::filesystem::path state_dir;
  std::optional<std::filesystem::path> seed_file;
  http::Endpoint listen;
  http::Endpoint listen_pccs;
  // Both or none: with them TCP listeners speak TLS.
  std::optional<std::filesystem::path> tls_certificate;
  std::optional<std::filesystem::path> tls_key;
  std::optional<std::filesystem::path> api_key_file;
  std::optional<std::filesystem::path> user_token_file;
  telemetry::LogFormat log_format = telemetry::LogFormat::kJson;
  telemetry::Level log_level = telemetry::Level::kInfo;
  std::size_t threads = 0;
  // Set: a cache over these, without the manufacturer.
  std::optional<certification::Settings> cache;
};

struct CommandLine {
  // Set for --help and --version: what to print in place of serving.
  std::optional<std::string> information;
  Options options;
};

// InvalidArgument names the argument at fault.
[[nodiscard]] base::Result<CommandLine> parse_command_line(int argc, const char* const* argv);

}  // namespace quoted::pcs
