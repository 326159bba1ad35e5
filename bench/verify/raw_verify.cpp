#include "verify/raw_verify.h"

#include <openssl/ec.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace quoted::bench {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
template <class T>
using Ptr = std::unique_ptr<T, Free>;

// The least that a verification can be.
class RawVerifier {
 public:
  RawVerifier() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")) {
    digest_.fill(0x5C);
    const Ptr<EVP_PKEY_CTX> signer(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    context_.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    if (!key_ || !signer || !context_ || EVP_PKEY_sign_init(signer.get()) != 1 ||
        EVP_PKEY_sign(signer.get(), signature_.data(), &size_, digest_.data(), digest_.size()) !=
            1 ||
        EVP_PKEY_verify_init(context_.get()) != 1) {
      throw std::runtime_error("OpenSSL does not make a P-256 signature");
    }
  }
  void verify() const {
    if (EVP_PKEY_verify(context_.get(), signature_.data(), size_, digest_.data(), digest_.size()) !=
        1) {
      throw std::runtime_error("OpenSSL does not verify its own signature");
    }
  }

 private:
  Ptr<EVP_PKEY> key_;
  Ptr<EVP_PKEY_CTX> context_;
  std::array<unsigned char, 32> digest_{};
  std::array<unsigned char, 72> signature_{};
  std::size_t size_ = signature_.size();
};

}  // namespace

void verify_raw(std::size_t count) {
  // A context serves one thread, and a key of one's own is the fastest there is.
  thread_local const RawVerifier verifier;
  for (std::size_t i = 0; i < count; ++i) verifier.verify();
}

}  // namespace quoted::bench
