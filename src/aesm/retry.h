// Asking again while the service is restarted. A quote may be asked for any number of times, so a
// request whose answer was lost is simply repeated. Private to this module.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>

#include "aesm/deadline.h"
#include "aesm/retry_policy.h"
#include "base/bytes.h"
#include "base/result.h"

namespace quoted::aesm {

// Decides after each failure; keeps count of them. The time is the caller's, for the tests' sake.
class Retries {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Retries(const RetryPolicy& policy) : policy_(policy) {}

  // How long to wait at most before the next attempt, or nothing when the failure is final.
  [[nodiscard]] std::optional<std::chrono::microseconds> pause_after(base::ErrorCode failure,
                                                                     Time now);

  // How many attempts have failed.
  [[nodiscard]] int failures() const { return failures_; }

 private:
  [[nodiscard]] bool may_go_on(base::ErrorCode failure, Time now);

  RetryPolicy policy_;
  int failures_ = 0;
  int lost_ = 0;
  std::optional<Time> absent_since_;
};

// exchange() of transport.h, as often as the policy and the deadline allow. The error is the last
// one; when there were several attempts it says how many.
[[nodiscard]] base::Result<base::Bytes> exchange_with_retry(
    const std::filesystem::path& socket, base::ByteView frame, const Deadline& deadline,
    std::size_t max_answer, const RetryPolicy& policy, const RetryObserver& observer);

}  // namespace quoted::aesm
