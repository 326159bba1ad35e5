// Keeps one kind of event from flooding the log: a token bucket per event name.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace quoted::telemetry {

struct RepeatLimits {
  std::uint32_t per_second = 50;
  std::uint32_t burst = 100;
};

// Thread-safe, of fixed size, never allocates.
class RepeatLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RepeatLimiter(RepeatLimits limits);

  // None when the event is to be suppressed; otherwise how many of it were, since the last that
  // was not.
  [[nodiscard]] std::optional<std::uint64_t> admit(std::string_view event, Time now) noexcept;

 private:
  // More names than slots, or a name longer than a slot, share the last slot.
  static constexpr std::size_t kSlots = 64;
  static constexpr std::size_t kMaxName = 47;

  struct Slot {
    std::array<char, kMaxName> name{};
    std::uint8_t name_size = 0;
    double tokens = 0;
    Time refilled;
    std::uint64_t suppressed = 0;
  };

  Slot& slot_of(std::string_view event) noexcept;

  RepeatLimits limits_;
  std::mutex mutex_;
  std::array<Slot, kSlots> slots_{};
  std::size_t used_ = 0;
};

}  // namespace quoted::telemetry
