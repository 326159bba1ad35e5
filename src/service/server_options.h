// What can be set about serving connections, with the defaults in force.
#pragma once

#include <chrono>
#include <cstddef>

#include "aesm/framing.h"
#include "service/request_handler.h"

namespace quoted::service {

// How long a peer may keep a connection in each state. Slow or dead peers cost a descriptor and a
// few KiB, never a thread, and only for this long.
struct Deadlines {
  std::chrono::milliseconds first_request{10'000};  // connected, nothing sent yet
  std::chrono::milliseconds next_request{60'000};   // answered at least once, nothing sent since
  // For the length prefix from its first byte on, and again for the body.
  std::chrono::milliseconds read{10'000};
  std::chrono::milliseconds write{10'000};  // for taking a whole answer
  // For the platform. Intel's client gives up after 15 s (aesm-protocol 1.7).
  std::chrono::milliseconds quote{14'000};
  std::chrono::milliseconds drain{5'000};  // for everything that is left after stop()
};

struct ServerOptions {
  std::size_t threads = 0;  // event loops; 0 means one per core this process may use
  std::size_t max_request_size = aesm::kMaxRequestSize;
  RequestLimits limits{};
  Deadlines deadlines{};
};

}  // namespace quoted::service
