#include "crypto/hmac.h"

#include <openssl/core_names.h>

#include "crypto/openssl_error.h"
#include "crypto/openssl_ptr.h"

namespace quoted::crypto {

base::Result<HmacSha256> hmac_sha256(base::ByteView key, base::ByteView data) {
  static const MacPtr algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  const MacCtxPtr ctx(algorithm ? EVP_MAC_CTX_new(algorithm.get()) : nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  // An empty key must not look like "the key set before", which a null pointer means.
  static constexpr unsigned char kNoKey = 0;
  const auto* const key_bytes =
      key.empty() ? &kNoKey : reinterpret_cast<const unsigned char*>(key.data());
  HmacSha256 out;
  std::size_t size = 0;
  const bool ok =
      ctx && EVP_MAC_init(ctx.get(), key_bytes, key.size(), params) == 1 &&
      EVP_MAC_update(ctx.get(), reinterpret_cast<const unsigned char*>(data.data()), data.size()) ==
          1 &&
      EVP_MAC_final(ctx.get(), reinterpret_cast<unsigned char*>(out.mutable_view().data()), &size,
                    HmacSha256::kSize) == 1;
  if (!ok) return base::fail(openssl_error(base::ErrorCode::kCryptoFailure, "HMAC"));
  return out;
}

}  // namespace quoted::crypto
