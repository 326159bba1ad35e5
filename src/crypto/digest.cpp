#include "crypto/digest.h"

#include "crypto/openssl_error.h"
#include "crypto/openssl_ptr.h"

namespace quoted::crypto {

base::Result<Sha256> sha256(std::initializer_list<base::ByteView> pieces) {
  // Fetched once: looking an algorithm up costs more than hashing a report.
  static const MdPtr algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  const MdCtxPtr ctx(EVP_MD_CTX_new());
  Sha256 out;
  bool ok = ctx && EVP_DigestInit_ex2(ctx.get(), algorithm.get(), nullptr) == 1;
  for (const base::ByteView piece : pieces) {
    ok = ok && EVP_DigestUpdate(ctx.get(), piece.data(), piece.size()) == 1;
  }
  unsigned size = 0;
  ok =
      ok && EVP_DigestFinal_ex(
                ctx.get(), reinterpret_cast<unsigned char*>(out.mutable_view().data()), &size) == 1;
  if (!ok) return base::fail(openssl_error(base::ErrorCode::kCryptoFailure, "SHA-256"));
  return out;
}

}  // namespace quoted::crypto
