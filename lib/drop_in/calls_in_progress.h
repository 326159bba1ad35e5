// How many calls a library is in. What it keeps between calls must outlive them when the process
// ends: exit() takes libraries apart under threads that still use them.
#pragma once

#include <atomic>

namespace quoted::drop_in {

class CallInProgress {
 public:
  CallInProgress() { count_.fetch_add(1); }
  CallInProgress(const CallInProgress&) = delete;
  CallInProgress& operator=(const CallInProgress&) = delete;
  ~CallInProgress() { count_.fetch_sub(1); }

  // In the child of a fork also those of threads that are not there: what is kept for them too long
  // does no harm.
  [[nodiscard]] static bool any() { return count_.load() != 0; }

 private:
  static constinit inline std::atomic<int> count_ = 0;
};

}  // namespace quoted::drop_in
