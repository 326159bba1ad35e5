// What is recorded of conversations on the AESM socket, and its text: JSON Lines, a header and then
// one event a line (docs/wire-recording.md). Bytes are kept as they were read from the sockets, so
// that whatever was sent can be recorded, damaged or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::recording {

enum class Side : std::uint8_t { kClient, kDaemon };
[[nodiscard]] std::string_view name_of(Side side);

struct Event {
  enum class Kind : std::uint8_t {
    kOpen,  // a client connected
    kData,  // `from` sent `bytes`
    kEnd,   // `from` sends no more
  };

  std::uint32_t connection = 0;  // counts from 1
  std::uint64_t time_us = 0;     // since the recording began
  Kind kind = Kind::kOpen;
  Side from = Side::kClient;  // without meaning for kOpen
  base::Bytes bytes;          // kData only, 1 to kMaxEventBytes

  friend bool operator==(const Event&, const Event&) = default;
};

inline constexpr int kFormatVersion = 1;
inline constexpr std::size_t kMaxEventBytes = std::size_t{64} * 1024;
inline constexpr std::size_t kMaxRecordingSize = std::size_t{64} * 1024 * 1024;
// An event takes several times the memory of its line when that is short.
inline constexpr std::size_t kMaxRecordingEvents = std::size_t{128} * 1024;

// Lines, with their LF.
[[nodiscard]] std::string header_line();
[[nodiscard]] std::string event_line(const Event& event);

// The events of a whole recording. Malformed names the line; events that cannot have followed each
// other are refused as well.
[[nodiscard]] base::Result<std::vector<Event>> parse_recording(std::string_view content);

}  // namespace quoted::recording
