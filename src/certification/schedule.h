// When things are due. Every clock we have can be set back or forward by years while we run, so a
// time in the future is never a reason to wait for it.
#pragma once

#include <algorithm>
#include <chrono>

#include "certification/document_check.h"

namespace quoted::certification {

// Whether less than `length` has passed since `since`. Not when the clock stands before `since`.
[[nodiscard]] inline bool within(base::UnixTime since, std::chrono::seconds length,
                                 base::UnixTime now) {
  return since <= now + kSlowClock && now - since < length;
}

// How long after the last of so many failures in a row an answer that still counts is asked for
// again: twice as long each time, up to an hour.
[[nodiscard]] inline std::chrono::seconds retry_pause(std::chrono::seconds first,
                                                      unsigned failures) {
  constexpr std::chrono::seconds kLongest = std::chrono::hours(1);
  std::chrono::seconds out = first;
  for (unsigned i = 1; i < failures && out < kLongest; ++i) out *= 2;
  return std::max(first, std::min(out, kLongest));
}

// When an answer is fetched again: `refresh_after` its arrival or after three quarters of the time
// it has left, whichever comes first, and earlier by a part of that which differs between nodes and
// documents, so that a fleet that was started at once does not ask at once.
[[nodiscard]] inline base::UnixTime refresh_time(base::UnixTime fetched, base::UnixTime valid_until,
                                                 std::chrono::seconds refresh_after,
                                                 std::uint64_t jitter) {
  const std::chrono::seconds span =
      std::max(std::chrono::seconds(0), std::min(refresh_after, (valid_until - fetched) / 4 * 3));
  const auto tenth = static_cast<std::uint64_t>(span.count()) / 10 + 1;
  return fetched + span - std::chrono::seconds(jitter % tenth);
}

}  // namespace quoted::certification
