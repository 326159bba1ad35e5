// Remembers under which key a signature was found good, because that is dear to find out and never
// changes. Belongs to one signature over one message; usable from many threads.
#pragma once

#include <atomic>
#include <concepts>

#include "crypto/p256.h"

namespace quoted::crypto {

class SignatureMemo {
 public:
  SignatureMemo() = default;
  SignatureMemo(const SignatureMemo&) = delete;
  SignatureMemo& operator=(const SignatureMemo&) = delete;
  ~SignatureMemo() { delete good_under_.load(std::memory_order_acquire); }

  // What `verify` says, which is asked only if `key` is not the one remembered. The first key under
  // which the signature is good is remembered for good; what fails is asked for each time.
  template <std::predicate Verify>
  [[nodiscard]] bool good(const P256PublicKey& key, Verify verify) const {
    const P256Point* const known = good_under_.load(std::memory_order_acquire);
    if (known != nullptr && *known == key.point()) return true;
    if (!verify()) return false;
    if (known == nullptr) remember(key);
    return true;
  }

 private:
  void remember(const P256PublicKey& key) const {
    auto own = std::make_unique<const P256Point>(key.point());
    const P256Point* expected = nullptr;
    if (good_under_.compare_exchange_strong(expected, own.get(), std::memory_order_acq_rel)) {
      (void)own.release();
    }
  }

  mutable std::atomic<const P256Point*> good_under_ = nullptr;
};

}  // namespace quoted::crypto
