#include "crypto/rsa_oaep.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "crypto/openssl_bytes.h"
#include "crypto/openssl_error.h"
#include "crypto/openssl_ptr.h"

namespace quoted::crypto {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

bool set_oaep_sha256(EVP_PKEY_CTX* ctx) {
  return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1;
}

// Without a callback OpenSSL would ask the terminal for the password of an encrypted key.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) { return -1; }

Result<PkeyPtr> read_private_key(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  PkeyPtr key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr);
  if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1 ||
      EVP_PKEY_get_size(key.get()) != static_cast<int>(kRsa3072Size)) {
    return fail(openssl_error(ErrorCode::kBadKey, "reading an RSA-3072 private key"));
  }
  return key;
}

}  // namespace

Result<RsaCiphertext> rsa_oaep_encrypt(const RsaPublicKey& key, base::ByteView message) {
  const BigNumPtr modulus(BN_bin2bn(raw(key.modulus.view()), kRsa3072Size, nullptr));
  const BigNumPtr exponent(BN_bin2bn(raw(key.exponent.view()), RsaExponent::kSize, nullptr));
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  const bool described =
      modulus && exponent && builder &&
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1;
  const ParamsPtr params(described ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
  const PkeyCtxPtr import(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* imported = nullptr;
  if (!params || !import || EVP_PKEY_fromdata_init(import.get()) != 1 ||
      EVP_PKEY_fromdata(import.get(), &imported, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return fail(openssl_error(ErrorCode::kBadKey, "importing an RSA key"));
  }
  const PkeyPtr public_key(imported);
  const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, public_key.get(), nullptr));
  RsaCiphertext out;
  std::size_t size = RsaCiphertext::kSize;
  if (!ctx || EVP_PKEY_encrypt_init(ctx.get()) != 1 || !set_oaep_sha256(ctx.get()) ||
      EVP_PKEY_encrypt(ctx.get(), raw(out.mutable_view()), &size, raw(message), message.size()) !=
          1 ||
      size != RsaCiphertext::kSize) {
    return fail(openssl_error(ErrorCode::kCryptoFailure, "RSA-OAEP encryption"));
  }
  return out;
}

Result<base::SecretBytes> rsa_oaep_decrypt(std::string_view private_key_pem,
                                           const RsaCiphertext& ciphertext) {
  QUOTED_TRY(const PkeyPtr key, read_private_key(private_key_pem));
  const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  base::SecretBytes padded(kRsa3072Size);
  std::size_t size = padded.size();
  if (!ctx || EVP_PKEY_decrypt_init(ctx.get()) != 1 || !set_oaep_sha256(ctx.get()) ||
      EVP_PKEY_decrypt(ctx.get(), raw(padded.mutable_view()), &size, raw(ciphertext.view()),
                       RsaCiphertext::kSize) != 1) {
    return fail(openssl_error(ErrorCode::kCryptoFailure, "RSA-OAEP decryption"));
  }
  return base::SecretBytes::copy_of(padded.view().first(size));
}

Result<RsaPublicKey> rsa_public_key(std::string_view private_key_pem) {
  QUOTED_TRY(const PkeyPtr key, read_private_key(private_key_pem));
  BIGNUM* modulus = nullptr;
  BIGNUM* exponent = nullptr;
  const bool got = EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_RSA_N, &modulus) == 1 &&
                   EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_RSA_E, &exponent) == 1;
  const BigNumPtr n(modulus);
  const BigNumPtr e(exponent);
  RsaPublicKey out;
  if (!got || BN_bn2binpad(n.get(), raw(out.modulus.mutable_view()), kRsa3072Size) < 0 ||
      BN_bn2binpad(e.get(), raw(out.exponent.mutable_view()), RsaExponent::kSize) < 0) {
    return fail(openssl_error(ErrorCode::kBadKey, "reading an RSA public key"));
  }
  return out;
}

}  // namespace quoted::crypto
