// A point in time by which something has to be done, and how long was given for it.
#pragma once

#include <algorithm>
#include <chrono>

namespace quoted::aesm {

class Deadline {
 public:
  // At least nothing, at most a day.
  explicit Deadline(std::chrono::milliseconds timeout)
      : timeout_(std::clamp(timeout, std::chrono::milliseconds(0),
                            std::chrono::milliseconds(std::chrono::hours(24)))),
        end_(std::chrono::steady_clock::now() + timeout_) {}

  [[nodiscard]] std::chrono::milliseconds timeout() const { return timeout_; }

  // Zero once it has passed. Rounded up, so that whoever waits this long does not wake before it.
  [[nodiscard]] std::chrono::milliseconds left() const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    return std::max(left, std::chrono::milliseconds(0));
  }

 private:
  std::chrono::milliseconds timeout_;
  std::chrono::steady_clock::time_point end_;
};

}  // namespace quoted::aesm
