// HMAC with SHA-256 (RFC 2104): vouches for what a holder of the same secret wrote.
#pragma once

#include "crypto/digest.h"

namespace quoted::crypto {

using HmacSha256 = base::FixedBytes<struct HmacSha256Tag, 32>;

// CryptoFailure only when OpenSSL has no memory. Compare with constant_time_equal.
[[nodiscard]] base::Result<HmacSha256> hmac_sha256(base::ByteView key, base::ByteView data);

}  // namespace quoted::crypto
