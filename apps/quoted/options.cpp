#include "quoted/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "base/text.h"

namespace quoted::app {
namespace {

using base::ErrorCode;
using base::fail;
using base::text;

constexpr std::size_t kMaxThreads = 256;
constexpr std::string_view kSimulated = "simulated";

std::string socket_from_environment() {
  const char* const value = std::getenv("QUOTED_SOCKET");
  return value != nullptr && *value != '\0' ? value : std::string(kDefaultSocket);
}

}  // namespace

base::Result<std::optional<Options>> parse_options(int argc, char** argv) {
  std::string platform;
  std::string socket = socket_from_environment();
  std::string state_dir(kDefaultStateDir);
  std::string seed_file;
  std::string log_format = "auto";
  std::string log_level = "info";
  Options out;

  CLI::App app("The AESM service for ECDSA quoting: serves quotes to every container of a node.",
               "quoted");
  app.set_version_flag("--version", "quoted " QUOTED_VERSION);
  app.add_option("--platform", platform, "what makes the quotes: simulated")->required();
  app.add_option("--socket", socket, "UNIX socket to listen on (environment: QUOTED_SOCKET)")
      ->capture_default_str();
  app.add_option("--state-dir", state_dir, "keeps certificates and the sealed attestation key")
      ->capture_default_str();
  app.add_option("--seed-file", seed_file,
                 "master seed of the simulated world: 32 raw bytes or 64 hexadecimal digits; "
                 "without it the public development seed is used");
  app.add_option("--platform-name", out.platform_name,
                 "which machine of the simulated world this is; another name, other fuses")
      ->capture_default_str();
  app.add_option("--threads", out.server.threads, "event loops; 0 means one per core")
      ->check(CLI::Range(std::size_t{0}, kMaxThreads))
      ->capture_default_str();
  app.add_option("--log-format", log_format, "auto is text on a terminal and JSON elsewhere")
      ->check(CLI::IsMember({"auto", "text", "json"}))
      ->capture_default_str();
  app.add_option("--log-level", log_level, "the least level that is written")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      (void)app.exit(error, std::cout, std::cerr);
      return std::nullopt;
    }
    return fail(ErrorCode::kInvalidArgument, error.what());
  }

  if (platform != kSimulated) {
    return fail(ErrorCode::kInvalidArgument,
                text("there is no platform '", platform, "'; this version has only '", kSimulated,
                     "'"));
  }
  if (socket.empty() || state_dir.empty()) {
    return fail(ErrorCode::kInvalidArgument, "--socket and --state-dir need a path");
  }
  out.socket = socket;
  out.state_dir = state_dir;
  if (!seed_file.empty()) out.seed_file = seed_file;
  out.log.level = telemetry::parse_level(log_level).value_or(telemetry::Level::kInfo);
  if (log_format == "auto") {
    out.log.format = telemetry::format_for(out.log.fd);
  } else {
    out.log.format =
        log_format == "json" ? telemetry::LogFormat::kJson : telemetry::LogFormat::kText;
  }
  return out;
}

}  // namespace quoted::app
