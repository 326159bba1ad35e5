#include "crypto/random.h"

#include <openssl/rand.h>

#include "crypto/openssl_error.h"

namespace quoted::crypto {

base::Status fill_random(std::span<std::byte> out) {
  if (RAND_bytes_ex(nullptr, reinterpret_cast<unsigned char*>(out.data()), out.size(), 0) != 1) {
    return base::fail(openssl_error(base::ErrorCode::kCryptoFailure, "random number generation"));
  }
  return {};
}

}  // namespace quoted::crypto
