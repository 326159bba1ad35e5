// A service under load: a platform whose QE has had many keys, several threads, one verifier.
#pragma once

#include <string>

namespace quoted::bench {

// Lines about throughput by number of threads, how often what was asked had been remembered, and
// what that takes of memory. `quotes` is how many are verified in each measurement.
[[nodiscard]] std::string measure_many(std::size_t quotes);

}  // namespace quoted::bench
