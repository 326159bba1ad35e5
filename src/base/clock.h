// Wall-clock time as a value that callers pass in, so that nothing below the programs reads the
// system clock by itself.
#pragma once

#include <chrono>

namespace quoted::base {

using UnixTime = std::chrono::sys_seconds;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual UnixTime now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] UnixTime now() const override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

}  // namespace quoted::base
