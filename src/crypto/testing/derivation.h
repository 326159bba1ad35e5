// The derivation vectors of quote-generation 13: the key 00 01 .. 0F in place of an EGETKEY result.
#pragma once

#include "crypto/cmac.h"
#include "crypto/p256.h"

namespace quoted::crypto::testing {

inline Key128 counting_key() {
  Key128 out;
  unsigned next = 0;
  for (std::byte& b : out.mutable_view()) b = static_cast<std::byte>(next++);
  return out;
}

// The first 40 bytes of CMAC(key, i || label) for i = 1, 2, 3, by which QE and PCE make a key seed
// (quote-generation 3.2, 4.2); `label` is the block without its first byte.
inline base::Bytes key_seed(const Key128& key, base::ByteView label) {
  base::Bytes out;
  for (unsigned i = 1; i <= 3; ++i) {
    base::Bytes block{static_cast<std::byte>(i)};
    base::append(block, label);
    base::append(out, aes128_cmac(key, block).value().view());
  }
  out.resize(kP256SeedSize);
  return out;
}

}  // namespace quoted::crypto::testing
