#include "crypto/ecdh.h"

#include "crypto/openssl_bytes.h"
#include "crypto/openssl_error.h"
#include "crypto/p256_handle.h"
#include "crypto/random.h"

namespace quoted::crypto {
namespace {

constexpr std::size_t kCoordinateSize = 32;

}  // namespace

base::Result<P256PrivateKey> make_ephemeral_key() {
  base::SecretBytes seed(kP256SeedSize);
  QUOTED_CHECK(fill_random(seed.mutable_view()));
  return P256PrivateKey::from_seed(seed.view());
}

base::Result<base::SecretBytes> ecdh(const P256PrivateKey& own, const P256PublicKey& peer) {
  const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, own.handle().key.get(), nullptr));
  base::SecretBytes out(kCoordinateSize);
  std::size_t size = out.size();
  // The peer's key was checked when it was created; the check here costs little and stays even if
  // that one is ever changed, because a point off the curve gives the private key away.
  if (!ctx || EVP_PKEY_derive_init(ctx.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(ctx.get(), peer.handle().key.get(), 1) != 1 ||
      EVP_PKEY_derive(ctx.get(), raw(out.mutable_view()), &size) != 1 || size != out.size()) {
    return base::fail(openssl_error(base::ErrorCode::kCryptoFailure, "ECDH"));
  }
  return out;
}

}  // namespace quoted::crypto
