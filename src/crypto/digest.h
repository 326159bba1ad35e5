// SHA-256.
#pragma once

#include <initializer_list>

#include "base/fixed_bytes.h"

namespace quoted::crypto {

using Sha256 = base::FixedBytes<struct Sha256Tag, 32>;

// Digest of the pieces one after the other. CryptoFailure only when OpenSSL has no memory.
[[nodiscard]] base::Result<Sha256> sha256(std::initializer_list<base::ByteView> pieces);
[[nodiscard]] inline base::Result<Sha256> sha256(base::ByteView data) { return sha256({data}); }

}  // namespace quoted::crypto
