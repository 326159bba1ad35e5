// The one secret of a simulated world: root, CAs and every platform's fuses derive from it.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "crypto/p256.h"

namespace quoted::simulation {

inline constexpr std::size_t kMasterSeedSize = 32;

class MasterSeed {
 public:
  // Public, for development: everybody can forge quotes of a world made with it.
  [[nodiscard]] static MasterSeed development();

  // 32 raw bytes, or 64 hexadecimal digits with white space after them; else SeedUnusable.
  [[nodiscard]] static base::Result<MasterSeed> parse(base::ByteView content);

  // `size` bytes that depend on the whole `purpose` and tell nothing of other purposes.
  [[nodiscard]] base::Result<base::SecretBytes> derive(std::string_view purpose,
                                                       std::size_t size) const;
  [[nodiscard]] base::Result<crypto::P256PrivateKey> derive_p256_key(
      std::string_view purpose) const;

  // A derived value that is not secret, or a key of fixed size.
  template <class T>
  [[nodiscard]] base::Result<T> derive_value(std::string_view purpose) const {
    QUOTED_TRY(const base::SecretBytes bytes, derive(purpose, T::kSize));
    return T::parse(bytes.view());
  }

 private:
  explicit MasterSeed(base::SecretBytes bytes) : bytes_(std::move(bytes)) {}
  base::SecretBytes bytes_;
};

}  // namespace quoted::simulation
