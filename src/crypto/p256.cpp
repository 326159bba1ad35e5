#include "crypto/p256.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include "crypto/digest.h"
#include "crypto/openssl_bytes.h"
#include "crypto/openssl_error.h"
#include "crypto/p256_handle.h"

namespace quoted::crypto {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kScalarSize = 32;
constexpr std::size_t kEncodedPointSize = 65;
// A DER ECDSA-Sig-Value of two 33-byte INTEGERs.
constexpr std::size_t kMaxDerSignatureSize = 72;

const EC_GROUP* curve() {
  static const EcGroupPtr group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  return group.get();
}

Result<PkeyPtr> import_key_pair(base::ByteView encoded_point, const BIGNUM* scalar) {
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  const bool described =
      builder &&
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ==
          1 &&
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded_point.data(),
                                       encoded_point.size()) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1;
  const ParamsPtr params(described ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
  const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !ctx || EVP_PKEY_fromdata_init(ctx.get()) != 1 ||
      EVP_PKEY_fromdata(ctx.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1) {
    return fail(openssl_error(ErrorCode::kBadKey, "importing a P-256 key"));
  }
  return PkeyPtr(key);
}

Result<P256Signature> from_der(base::ByteView der) {
  const unsigned char* cursor = raw(der);
  const EcdsaSigPtr parsed(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(der.size())));
  P256Signature out;
  unsigned char* bytes = raw(out.mutable_view());
  if (!parsed || BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), bytes, kScalarSize) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), bytes + kScalarSize, kScalarSize) < 0) {
    return fail(openssl_error(ErrorCode::kCryptoFailure, "reading an ECDSA signature"));
  }
  return out;
}

// The number of bytes written to `out`, which has room for kMaxDerSignatureSize, or 0.
std::size_t to_der(const P256Signature& signature, unsigned char* out) {
  const unsigned char* bytes = raw(signature.view());
  BigNumPtr r(BN_bin2bn(bytes, kScalarSize, nullptr));
  BigNumPtr s(BN_bin2bn(bytes + kScalarSize, kScalarSize, nullptr));
  const EcdsaSigPtr value(ECDSA_SIG_new());
  if (!r || !s || !value || ECDSA_SIG_set0(value.get(), r.get(), s.get()) != 1) return 0;
  // ECDSA_SIG_set0 took ownership of both numbers.
  (void)r.release();
  (void)s.release();
  unsigned char* cursor = out;
  const int size = i2d_ECDSA_SIG(value.get(), &cursor);
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

// The curve without a key. To copy it and to set the point takes a quarter of an import.
const EVP_PKEY* key_template() {
  static const PkeyPtr out = [] {
    const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    const bool described =
        builder && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                                   "prime256v1", 0) == 1;
    const ParamsPtr params(described ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
    const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !ctx || EVP_PKEY_fromdata_init(ctx.get()) != 1 ||
        EVP_PKEY_fromdata(ctx.get(), &key, EVP_PKEY_KEY_PARAMETERS, params.get()) != 1) {
      ERR_clear_error();
    }
    return PkeyPtr(key);
  }();
  return out.get();
}

// BadKey unless the point is on the curve.
Result<PkeyPtr> public_key_of(base::ByteView encoded_point) {
  PkeyPtr out(EVP_PKEY_new());
  if (!out || key_template() == nullptr ||
      EVP_PKEY_copy_parameters(out.get(), key_template()) != 1 ||
      EVP_PKEY_set1_encoded_public_key(out.get(), raw(encoded_point), encoded_point.size()) != 1) {
    return fail(openssl_error(ErrorCode::kBadKey, "importing a P-256 key"));
  }
  return out;
}

}  // namespace

Result<P256PublicKey> P256PublicKey::create(const P256Point& point) {
  std::array<std::byte, kEncodedPointSize> encoded{};
  encoded[0] = std::byte{POINT_CONVERSION_UNCOMPRESSED};
  std::copy(point.view().begin(), point.view().end(), encoded.begin() + 1);
  QUOTED_TRY(PkeyPtr key, public_key_of(encoded));
  return P256PublicKey(point, std::make_shared<const P256KeyHandle>(std::move(key)));
}

bool P256PublicKey::verify(base::ByteView message, const P256Signature& signature) const {
  std::array<std::byte, kMaxDerSignatureSize> der{};
  const std::size_t size = to_der(signature, raw(std::span(der)));
  return size != 0 && verify_der(message, base::ByteView(der).first(size));
}

bool P256PublicKey::verify_der(base::ByteView message, base::ByteView signature) const {
  const auto digest = sha256(message);
  const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, key_->key.get(), nullptr));
  const bool ok = digest && ctx && EVP_PKEY_verify_init(ctx.get()) == 1 &&
                  EVP_PKEY_verify(ctx.get(), raw(signature), signature.size(), raw(digest->view()),
                                  Sha256::kSize) == 1;
  if (!ok) ERR_clear_error();
  return ok;
}

Result<P256PrivateKey> P256PrivateKey::create(base::ByteView scalar_bytes) {
  if (scalar_bytes.size() != kScalarSize) {
    return fail(ErrorCode::kBadKey,
                base::text("a P-256 private key has 32 bytes, got ", scalar_bytes.size()));
  }
  const BigNumPtr scalar(BN_secure_new());
  if (!scalar || BN_bin2bn(raw(scalar_bytes), kScalarSize, scalar.get()) == nullptr) {
    return fail(openssl_error(ErrorCode::kCryptoFailure, "reading a private key"));
  }
  BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
  if (BN_is_zero(scalar.get()) || BN_cmp(scalar.get(), EC_GROUP_get0_order(curve())) >= 0) {
    return fail(ErrorCode::kBadKey, "a P-256 private key must lie between 1 and n-1");
  }
  const BnCtxPtr ctx(BN_CTX_secure_new());
  const EcPointPtr product(EC_POINT_new(curve()));
  std::array<std::byte, kEncodedPointSize> encoded{};
  if (!ctx || !product ||
      EC_POINT_mul(curve(), product.get(), scalar.get(), nullptr, nullptr, ctx.get()) != 1 ||
      EC_POINT_point2oct(curve(), product.get(), POINT_CONVERSION_UNCOMPRESSED,
                         raw(std::span(encoded)), encoded.size(), ctx.get()) != encoded.size()) {
    return fail(openssl_error(ErrorCode::kCryptoFailure, "deriving a public key"));
  }
  QUOTED_TRY(PkeyPtr key, import_key_pair(encoded, scalar.get()));
  QUOTED_TRY(const P256Point point, P256Point::parse(base::ByteView(encoded).subspan(1)));
  QUOTED_TRY(P256PublicKey public_key, P256PublicKey::create(point));
  return P256PrivateKey(
      std::make_shared<const base::SecretBytes>(base::SecretBytes::copy_of(scalar_bytes)),
      std::move(public_key), std::make_shared<const P256KeyHandle>(std::move(key)));
}

Result<P256PrivateKey> P256PrivateKey::from_seed(base::ByteView seed) {
  if (seed.size() != kP256SeedSize) {
    return fail(ErrorCode::kWrongSize,
                base::text("a P-256 key seed has ", kP256SeedSize, " bytes, got ", seed.size()));
  }
  const BnCtxPtr ctx(BN_CTX_secure_new());
  const BigNumPtr number(BN_secure_new());
  const BigNumPtr modulus(BN_dup(EC_GROUP_get0_order(curve())));
  base::SecretBytes scalar(kScalarSize);
  if (!ctx || !number || !modulus ||
      BN_bin2bn(raw(seed), static_cast<int>(seed.size()), number.get()) == nullptr ||
      BN_sub_word(modulus.get(), 1) != 1) {
    return fail(openssl_error(ErrorCode::kCryptoFailure, "deriving a private key"));
  }
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  if (BN_mod(number.get(), number.get(), modulus.get(), ctx.get()) != 1 ||
      BN_add_word(number.get(), 1) != 1 ||
      BN_bn2binpad(number.get(), raw(scalar.mutable_view()), kScalarSize) < 0) {
    return fail(openssl_error(ErrorCode::kCryptoFailure, "deriving a private key"));
  }
  return create(scalar.view());
}

Result<P256Signature> P256PrivateKey::sign(base::ByteView message) const {
  QUOTED_TRY(const Sha256 digest, sha256(message));
  std::array<std::byte, kMaxDerSignatureSize> der{};
  std::size_t size = der.size();
  const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, key_->key.get(), nullptr));
  if (!ctx || EVP_PKEY_sign_init(ctx.get()) != 1 ||
      EVP_PKEY_sign(ctx.get(), raw(std::span(der)), &size, raw(digest.view()), Sha256::kSize) !=
          1) {
    return fail(openssl_error(ErrorCode::kCryptoFailure, "ECDSA signing"));
  }
  return from_der(base::ByteView(der).first(size));
}

}  // namespace quoted::crypto
