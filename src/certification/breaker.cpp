#include "certification/breaker.h"

#include "base/text.h"
#include "certification/schedule.h"

namespace quoted::certification {

bool Breaker::admit(base::UnixTime now) {
  if (!suspended_) return true;
  if (within(*suspended_, pause_, now)) return false;
  // A trial that never came back does not block the source for ever.
  if (trial_ && within(*trial_, longest_, now)) return false;
  trial_ = now;
  return true;
}

void Breaker::succeeded() {
  failures_ = 0;
  suspended_.reset();
  trial_.reset();
  last_.clear();
}

void Breaker::failed(base::UnixTime now, const base::Error& error) {
  last_ = error.summary();
  ++failures_;
  // The late end of a request that began before the suspension says nothing new.
  if (suspended_ && !trial_) return;
  trial_.reset();
  if (failures_ < failures_to_suspend_) return;
  pause_ = suspended_ ? std::min(longest_, 2 * pause_) : std::min(longest_, first_);
  suspended_ = now;
}

base::Error Breaker::refusal(base::UnixTime now) const {
  const auto left = suspended_ ? *suspended_ + pause_ - now : std::chrono::seconds(0);
  return {base::ErrorCode::kSourceSuspended,
          base::text("it failed ", failures_, " times in a row and is asked again in ",
                     std::clamp(left, std::chrono::seconds(0), pause_).count(),
                     " s; the last time: ", last_)};
}

}  // namespace quoted::certification
