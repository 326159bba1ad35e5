// AES-128-GCM with a 12-byte zero IV, the sealing mode of SGX enclaves (quote-generation 3.6).
// Safe only because every sealing key is used once: its KEYID is random.
#pragma once

#include "base/fixed_bytes.h"
#include "base/secret_bytes.h"
#include "crypto/key128.h"

namespace quoted::crypto {

using GcmTag = base::FixedBytes<struct GcmTagTag, 16>;

struct Sealed {
  base::Bytes ciphertext;
  GcmTag tag;
};

[[nodiscard]] base::Result<Sealed> seal_with_single_use_key(const Key128& key,
                                                            base::ByteView secret,
                                                            base::ByteView authenticated);

// BadSignature when the tag does not match; nothing is released then.
[[nodiscard]] base::Result<base::SecretBytes> unseal(const Key128& key, base::ByteView ciphertext,
                                                     base::ByteView authenticated,
                                                     const GcmTag& tag);

}  // namespace quoted::crypto
