#include "crypto/aead.h"

#include <array>

#include "crypto/openssl_bytes.h"
#include "crypto/openssl_error.h"
#include "crypto/openssl_ptr.h"

namespace quoted::crypto {
namespace {

constexpr std::array<unsigned char, 12> kZeroIv{};

}  // namespace

base::Result<Sealed> seal_with_single_use_key(const Key128& key, base::ByteView secret,
                                              base::ByteView authenticated) {
  const CipherCtxPtr ctx(EVP_CIPHER_CTX_new());
  Sealed out;
  out.ciphertext.resize(secret.size());
  int size = 0;
  const bool ok =
      ctx &&
      EVP_EncryptInit_ex2(ctx.get(), EVP_aes_128_gcm(), raw(key.view()), kZeroIv.data(), nullptr) ==
          1 &&
      EVP_EncryptUpdate(ctx.get(), nullptr, &size, raw(authenticated),
                        static_cast<int>(authenticated.size())) == 1 &&
      EVP_EncryptUpdate(ctx.get(), raw(std::span(out.ciphertext)), &size, raw(secret),
                        static_cast<int>(secret.size())) == 1 &&
      EVP_EncryptFinal_ex(ctx.get(), raw(std::span(out.ciphertext)) + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_GET_TAG, GcmTag::kSize,
                          out.tag.mutable_view().data()) == 1;
  if (!ok) return base::fail(openssl_error(base::ErrorCode::kCryptoFailure, "AES-GCM sealing"));
  return out;
}

base::Result<base::SecretBytes> unseal(const Key128& key, base::ByteView ciphertext,
                                       base::ByteView authenticated, const GcmTag& tag) {
  const CipherCtxPtr ctx(EVP_CIPHER_CTX_new());
  base::SecretBytes out(ciphertext.size());
  GcmTag expected = tag;
  int size = 0;
  const bool ready = ctx &&
                     EVP_DecryptInit_ex2(ctx.get(), EVP_aes_128_gcm(), raw(key.view()),
                                         kZeroIv.data(), nullptr) == 1 &&
                     EVP_DecryptUpdate(ctx.get(), nullptr, &size, raw(authenticated),
                                       static_cast<int>(authenticated.size())) == 1 &&
                     EVP_DecryptUpdate(ctx.get(), raw(out.mutable_view()), &size, raw(ciphertext),
                                       static_cast<int>(ciphertext.size())) == 1 &&
                     EVP_CIPHER_CTX_ctrl(ctx.get(), EVP_CTRL_AEAD_SET_TAG, GcmTag::kSize,
                                         expected.mutable_view().data()) == 1;
  if (!ready)
    return base::fail(openssl_error(base::ErrorCode::kCryptoFailure, "AES-GCM unsealing"));
  if (EVP_DecryptFinal_ex(ctx.get(), raw(out.mutable_view()) + size, &size) != 1) {
    return base::fail(base::ErrorCode::kBadSignature,
                      "the GCM tag of the sealed data does not match");
  }
  return out;
}

}  // namespace quoted::crypto
