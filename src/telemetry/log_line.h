// One log record as one line. Whatever the values hold, the line is one line, valid UTF-8, valid
// JSON in that format, free of terminal control sequences, and no longer than kMaxLineSize.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "telemetry/log.h"

namespace quoted::telemetry {

// PIPE_BUF: a pipe takes a line of this size whole, so lines of several processes do not mix.
inline constexpr std::size_t kMaxLineSize = 4096;

using LineBuffer = std::array<char, kMaxLineSize>;

struct LogRecord {
  std::chrono::system_clock::time_point time;
  Level level = Level::kInfo;
  std::string_view event;
  std::string_view message;
  std::span<const Field> fields;
  std::uint64_t suppressed = 0;  // earlier repeats that were not written
};

// The line with its newline, in `buffer`. A value that is too long is cut and ends in "...";
// a field for which no room is left is dropped and the line says "truncated".
[[nodiscard]] std::string_view format_line(const LogRecord& record, LogFormat format,
                                           LineBuffer& buffer) noexcept;

}  // namespace quoted::telemetry
