#include "crypto/cmac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>

#include "crypto/compare.h"
#include "crypto/openssl_error.h"
#include "crypto/openssl_ptr.h"

namespace quoted::crypto {
namespace {

base::Status cmac_into(const Key128& key, base::ByteView data, std::span<std::byte, 16> out) {
  static const MacPtr algorithm(EVP_MAC_fetch(nullptr, "CMAC", nullptr));
  const MacCtxPtr ctx(algorithm ? EVP_MAC_CTX_new(algorithm.get()) : nullptr);
  char cipher[] = "AES-128-CBC";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
      OSSL_PARAM_construct_end(),
  };
  std::size_t size = 0;
  const bool ok = ctx &&
                  EVP_MAC_init(ctx.get(), reinterpret_cast<const unsigned char*>(key.view().data()),
                               Key128::kSize, params) == 1 &&
                  EVP_MAC_update(ctx.get(), reinterpret_cast<const unsigned char*>(data.data()),
                                 data.size()) == 1 &&
                  EVP_MAC_final(ctx.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                                out.size()) == 1;
  if (!ok) return base::fail(openssl_error(base::ErrorCode::kCryptoFailure, "AES-CMAC"));
  return {};
}

}  // namespace

base::Result<Cmac> aes128_cmac(const Key128& key, base::ByteView data) {
  Cmac out;
  QUOTED_CHECK(cmac_into(key, data, out.mutable_view()));
  return out;
}

base::Result<Key128> derive_key128(const Key128& key, base::ByteView data) {
  Key128 out;
  QUOTED_CHECK(cmac_into(key, data, out.mutable_view()));
  return out;
}

bool constant_time_equal(base::ByteView a, base::ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace quoted::crypto
