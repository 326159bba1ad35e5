// The command line of quoted.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "service/server_options.h"
#include "telemetry/log.h"

namespace quoted::app {

// Where every unmodified client looks (aesm-protocol 1.1).
inline constexpr std::string_view kDefaultSocket = "/var/run/aesmd/aesm.socket";
inline constexpr std::string_view kDefaultStateDir = "/var/lib/quoted";

struct Options {
  std::filesystem::path socket{kDefaultSocket};
  std::filesystem::path state_dir{kDefaultStateDir};
  std::optional<std::filesystem::path> seed_file;
  std::string platform_name = "default";
  telemetry::LogOptions log;
  service::ServerOptions server;
};

// Nothing when --help or --version was asked for and answered. InvalidArgument otherwise.
[[nodiscard]] base::Result<std::optional<Options>> parse_options(int argc, char** argv);

}  // namespace quoted::app
