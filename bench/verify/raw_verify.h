// What every ratio of verify_bench is to: ECDSA P-256 verifications with nothing around them.
#pragma once

#include <cstddef>

namespace quoted::bench {

// `count` verifications of one signature over one digest, with one key and one context that were
// made before, for each thread. Throws when OpenSSL fails.
void verify_raw(std::size_t count);

}  // namespace quoted::bench
