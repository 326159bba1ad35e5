// The EVP_PKEY inside a P-256 key, for the .cpp files of this module.
#pragma once

#include "crypto/openssl_ptr.h"
#include "crypto/p256.h"

namespace quoted::crypto {

struct P256KeyHandle {
  explicit P256KeyHandle(PkeyPtr k) : key(std::move(k)) {}
  PkeyPtr key;
};

}  // namespace quoted::crypto
