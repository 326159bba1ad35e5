// Leaves a source alone that fails again and again, and lets one request find out whether it has
// come back. A value; its owner locks.
#pragma once

#include <optional>
#include <string>

#include "certification/service.h"

namespace quoted::certification {

class Breaker {
 public:
  explicit Breaker(const ServiceOptions& options)
      : failures_to_suspend_(options.failures_to_suspend),
        first_(options.suspend_first),
        longest_(options.suspend_longest) {}

  // Whether the source may be asked now. Who may, says afterwards how it went.
  [[nodiscard]] bool admit(base::UnixTime now);
  void succeeded();
  void failed(base::UnixTime now, const base::Error& error);
  // SourceSuspended, with what the source failed with.
  [[nodiscard]] base::Error refusal(base::UnixTime now) const;

 private:
  unsigned failures_to_suspend_;
  std::chrono::seconds first_;
  std::chrono::seconds longest_;
  unsigned failures_ = 0;  // in a row
  std::chrono::seconds pause_{0};
  std::optional<base::UnixTime> suspended_;
  std::optional<base::UnixTime> trial_;  // the one request that may find out
  std::string last_;
};

}  // namespace quoted::certification
