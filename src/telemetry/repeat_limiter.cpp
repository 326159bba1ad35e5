#include "telemetry/repeat_limiter.h"

#include <algorithm>
#include <utility>

namespace quoted::telemetry {

RepeatLimiter::RepeatLimiter(RepeatLimits limits) : limits_(limits) {
  for (Slot& slot : slots_) slot.tokens = limits.burst;
}

std::optional<std::uint64_t> RepeatLimiter::admit(std::string_view event, Time now) noexcept {
  const std::scoped_lock lock(mutex_);
  Slot& slot = slot_of(event);
  const double seconds = std::chrono::duration<double>(now - slot.refilled).count();
  slot.tokens = std::min<double>(limits_.burst, slot.tokens + (seconds * limits_.per_second));
  slot.refilled = now;
  if (slot.tokens < 1) {
    ++slot.suppressed;
    return std::nullopt;
  }
  slot.tokens -= 1;
  return std::exchange(slot.suppressed, 0);
}

RepeatLimiter::Slot& RepeatLimiter::slot_of(std::string_view event) noexcept {
  for (std::size_t i = 0; i < used_; ++i) {
    if (std::string_view(slots_[i].name.data(), slots_[i].name_size) == event) return slots_[i];
  }
  if (used_ + 1 == kSlots || event.size() > kMaxName) return slots_.back();
  Slot& slot = slots_[used_++];
  std::ranges::copy(event, slot.name.begin());
  slot.name_size = static_cast<std::uint8_t>(event.size());
  return slot;
}

}  // namespace quoted::telemetry
