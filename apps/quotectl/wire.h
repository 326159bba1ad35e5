// What quotectl wire does, one function a command. The command line is wire_command.cpp's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "quotectl/exit_codes.h"
#include "recording/transcript.h"

namespace quoted::quotectl {

struct WireRecordOptions {
  std::string listen;
  std::string socket;
  std::string out;
  std::optional<std::uint32_t> count;
};
// Until SIGINT or SIGTERM, or until `count` connections have ended.
[[nodiscard]] base::Result<ExitCode> record_wire(const WireRecordOptions& options);

struct WireShowOptions {
  std::string file;
  bool json = false;
};
[[nodiscard]] base::Result<ExitCode> show_wire(const WireShowOptions& options);

struct WireReplayOptions {
  std::string file;
  std::string socket;
  std::uint32_t timeout_ms = 15'000;
};
[[nodiscard]] base::Result<ExitCode> replay_wire(const WireReplayOptions& options);

// Errors name the file, and the line where it is the content that is at fault.
[[nodiscard]] base::Result<std::vector<recording::Item>> read_transcript(const std::string& path);

}  // namespace quoted::quotectl
