// AES-128-CMAC (RFC 4493), the MAC of SGX reports and the PRF of all key derivations.
#pragma once

#include "base/fixed_bytes.h"
#include "crypto/key128.h"

namespace quoted::crypto {

using Cmac = base::FixedBytes<struct CmacTag, 16>;

[[nodiscard]] base::Result<Cmac> aes128_cmac(const Key128& key, base::ByteView data);

// The MAC as a derived key.
[[nodiscard]] base::Result<Key128> derive_key128(const Key128& key, base::ByteView data);

}  // namespace quoted::crypto
