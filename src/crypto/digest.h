// SHA-256, and the SHA-384 by which roots are named.
#pragma once

#include <initializer_list>

#include "base/fixed_bytes.h"

namespace quoted::crypto {

using Sha256 = base::FixedBytes<struct Sha256Tag, 32>;
using Sha384 = base::FixedBytes<struct Sha384Tag, 48>;

// Digest of the pieces one after the other. CryptoFailure only when OpenSSL has no memory.
[[nodiscard]] base::Result<Sha256> sha256(std::initializer_list<base::ByteView> pieces);
[[nodiscard]] inline base::Result<Sha256> sha256(base::ByteView data) { return sha256({data}); }
[[nodiscard]] base::Result<Sha384> sha384(std::initializer_list<base::ByteView> pieces);

}  // namespace quoted::crypto
