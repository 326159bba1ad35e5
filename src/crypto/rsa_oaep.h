// RSA-3072 with OAEP (SHA-256 for hash and MGF1, empty label): how the PCE hides the PPID
// (quote-generation 3.4, 4.1).
#pragma once

#include <string_view>

#include "base/fixed_bytes.h"
#include "base/secret_bytes.h"

namespace quoted::crypto {

inline constexpr std::size_t kRsa3072Size = 384;
using RsaModulus = base::FixedBytes<struct RsaModulusTag, kRsa3072Size>;  // big-endian
using RsaExponent = base::FixedBytes<struct RsaExponentTag, 4>;           // big-endian
using RsaCiphertext = base::FixedBytes<struct RsaCiphertextTag, kRsa3072Size>;

struct RsaPublicKey {
  RsaModulus modulus;
  RsaExponent exponent;
};

// Randomised: two calls give different ciphertexts.
[[nodiscard]] base::Result<RsaCiphertext> rsa_oaep_encrypt(const RsaPublicKey& key,
                                                           base::ByteView message);

// `private_key_pem` is a PKCS#8 RSA-3072 key. BadKey for another, CryptoFailure when the
// ciphertext is not for it.
[[nodiscard]] base::Result<base::SecretBytes> rsa_oaep_decrypt(std::string_view private_key_pem,
                                                               const RsaCiphertext& ciphertext);
[[nodiscard]] base::Result<RsaPublicKey> rsa_public_key(std::string_view private_key_pem);

}  // namespace quoted::crypto
