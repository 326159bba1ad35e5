// Elliptic-curve Diffie-Hellman on P-256: two parties that know each other's public key get the
// same secret, and nobody else does.
#pragma once

#include "crypto/p256.h"

namespace quoted::crypto {

// A key for one session, from OpenSSL's generator.
[[nodiscard]] base::Result<P256PrivateKey> make_ephemeral_key();

// The 32-byte x coordinate of own * peer (RFC 5903, section 7). It is not uniformly distributed:
// derive keys from it, never use it as one.
[[nodiscard]] base::Result<base::SecretBytes> ecdh(const P256PrivateKey& own,
                                                   const P256PublicKey& peer);

}  // namespace quoted::crypto
