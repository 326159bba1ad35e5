// The RSA-3072 pair by which PPIDs travel to the simulated manufacturer (quote-generation 3.4). One
// fixed, published pair for every simulated world: an RSA key cannot be derived from the seed, and
// a simulated PPID is no secret.
#pragma once

#include <string_view>

#include "crypto/rsa_oaep.h"

namespace quoted::simulation {

[[nodiscard]] std::string_view ppid_private_key_pem();
[[nodiscard]] base::Result<crypto::RsaPublicKey> ppid_public_key();

}  // namespace quoted::simulation
