// How a client asks again while the service is restarted.
#pragma once

#include <chrono>
#include <functional>

#include "base/error.h"

namespace quoted::aesm {

// Which failures to live through. As it is made, none.
struct RetryPolicy {
  // How long on end the socket may be missing or refuse. A daemon that is restarted is back in a
  // fraction of a second; one that is not there at all should be reported soon.
  std::chrono::milliseconds longest_absence{0};

  // How often the connection may break before the whole answer is there. Every one of these may
  // have cost the service a quote, and a service that refuses a request closes as well, so they
  // are counted rather than timed.
  int lost_answers = 0;
};

// What rides out a restart of the service.
inline constexpr RetryPolicy kPatient{.longest_absence = std::chrono::seconds(2),
                                      .lost_answers = 16};

// Told about each failure that is not yet the last word, and how long the pause before the next
// attempt is.
using RetryObserver = std::function<void(const base::Error&, std::chrono::microseconds pause)>;

}  // namespace quoted::aesm
