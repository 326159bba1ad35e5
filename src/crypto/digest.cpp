#include "crypto/digest.h"

#include "crypto/openssl_error.h"
#include "crypto/openssl_ptr.h"

namespace quoted::crypto {
namespace {

using Pieces = std::initializer_list<base::ByteView>;

template <class Digest>
base::Result<Digest> digest(const EVP_MD* algorithm, const char* name, Pieces pieces) {
  const MdCtxPtr ctx(EVP_MD_CTX_new());
  Digest out;
  bool ok = ctx && EVP_DigestInit_ex2(ctx.get(), algorithm, nullptr) == 1;
  for (const base::ByteView piece : pieces) {
    ok = ok && EVP_DigestUpdate(ctx.get(), piece.data(), piece.size()) == 1;
  }
  unsigned size = 0;
  ok =
      ok && EVP_DigestFinal_ex(
                ctx.get(), reinterpret_cast<unsigned char*>(out.mutable_view().data()), &size) == 1;
  if (!ok) return base::fail(openssl_error(base::ErrorCode::kCryptoFailure, name));
  return out;
}

}  // namespace

// Fetched once each: looking an algorithm up costs more than hashing a report.

base::Result<Sha256> sha256(Pieces pieces) {
  static const MdPtr algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return digest<Sha256>(algorithm.get(), "SHA-256", pieces);
}

base::Result<Sha384> sha384(Pieces pieces) {
  static const MdPtr algorithm(EVP_MD_fetch(nullptr, "SHA384", nullptr));
  return digest<Sha384>(algorithm.get(), "SHA-384", pieces);
}

}  // namespace quoted::crypto
