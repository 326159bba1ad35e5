// What the environment may change. Read anew by each call, because the library keeps no state; and
// not read at all in programs that run with more rights than their caller, who could otherwise
// point them at a service of his own.
#pragma once

#include <string>

#include "aesm/client.h"

namespace quoted::quote_ex {

struct Settings {
  std::string socket;
  aesm::ClientOptions client;

  // Values that make no sense count as absent: the interface has no way to complain about them.
  [[nodiscard]] static Settings from_environment();
};

// Whether reasons go to standard error.
[[nodiscard]] bool debug_wanted();

}  // namespace quoted::quote_ex
