#include "crypto/hkdf.h"

#include <openssl/core_names.h>

#include "crypto/openssl_error.h"
#include "crypto/openssl_ptr.h"

namespace quoted::crypto {

base::Result<base::SecretBytes> hkdf_sha256(base::ByteView secret, std::string_view salt,
                                            std::string_view info, std::size_t size) {
  base::SecretBytes out(size);
  // OSSL_PARAM carries mutable pointers although inputs are only read.
  base::SecretBytes secret_copy = base::SecretBytes::copy_of(secret);
  std::string salt_copy(salt);
  std::string info_copy(info);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret_copy.mutable_view().data(),
                                        secret_copy.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt_copy.data(), salt_copy.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info_copy.data(), info_copy.size()),
      OSSL_PARAM_construct_end(),
  };
  const KdfPtr algorithm(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfCtxPtr ctx(algorithm ? EVP_KDF_CTX_new(algorithm.get()) : nullptr);
  if (!ctx || EVP_KDF_derive(ctx.get(), reinterpret_cast<unsigned char*>(out.mutable_view().data()),
                             size, params) != 1) {
    return base::fail(openssl_error(base::ErrorCode::kCryptoFailure, "HKDF"));
  }
  return out;
}

}  // namespace quoted::crypto
