// A recording as a conversation: the bytes of each connection put together to frames, and what is
// not a frame set apart with the reason. Allocates no more bytes than the recording has, and a
// bounded number of items: an empty frame has four bytes, an item some twenty times as many.
#pragma once

#include <string>
#include <vector>

#include "recording/event.h"

namespace quoted::recording {

struct Item {
  enum class Kind : std::uint8_t {
    kOpened,
    kFrame,    // `bytes` is the body, without its length prefix
    kDamaged,  // `bytes` are no frame; `reason` says why
    kEnded,
  };

  std::uint32_t connection = 0;
  std::uint64_t time_us = 0;  // of the last byte
  Kind kind = Kind::kOpened;
  Side from = Side::kClient;
  base::Bytes bytes;
  std::string reason;
};

inline constexpr std::size_t kMaxItems = 2 * kMaxRecordingEvents;

// In the order in which things were complete. Malformed, with the line of the event in a recording,
// when there are more than kMaxItems.
[[nodiscard]] base::Result<std::vector<Item>> transcript_of(const std::vector<Event>& events);

}  // namespace quoted::recording
