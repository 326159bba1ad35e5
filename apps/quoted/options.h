// The command line of quoted.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "certification/settings.h"
#include "telemetry/log.h"

namespace quoted::app {

// What --preflight is told.
struct Preflight {
  std::optional<std::filesystem::path> candidate;  // absent: this program, started for it
  std::optional<std::filesystem::path> corpus;     // absent: that of this program
  bool json = false;
  bool hostile = false;  // what may harm the candidate of another is played to it
  std::chrono::seconds time_limit{0};
};

struct Options {
  std::string platform;
  std::filesystem::path socket;
  std::filesystem::path state_dir;
  std::optional<std::filesystem::path> seed_file;
  telemetry::LogFormat log_format = telemetry::LogFormat::kJson;
  telemetry::Level log_level = telemetry::Level::kInfo;
  std::size_t threads = 0;  // 0: one per core
  std::string platform_name;
  std::chrono::seconds grace{60};
  std::uint64_t epc_mebibytes = 0;
  // Where PCK certificates come from; absent: from the simulated manufacturer in the daemon itself.
  std::optional<certification::Settings> collateral;
  // Set: nothing is served, a candidate is judged.
  std::optional<Preflight> preflight;
};

struct CommandLine {
  // Set for --help and --version: what to print in place of serving.
  std::optional<std::string> information;
  Options options;
};

// InvalidArgument names the argument at fault.
[[nodiscard]] base::Result<CommandLine> parse_command_line(int argc, const char* const* argv);

}  // namespace quoted::app
