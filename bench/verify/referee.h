// Verifiers of others, asked in the same run about the same genuine quote.
#pragma once

#include <string>

#include "verification/testing/vector_cases.h"

namespace quoted::bench {

struct RefereeTime {
  double microseconds = 0;
  std::string name;
};

// What `command DIR COUNT` prints: the microseconds that the verifier takes for a quote, and its
// name. DIR holds quote.bin, root.pem, the time and the seven documents. Throws when it fails.
[[nodiscard]] RefereeTime ask_referee(const std::string& command,
                                      const verification::testing::VectorCase& vector);

}  // namespace quoted::bench
