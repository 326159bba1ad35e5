#include "simulation/authority/master_seed.h"

#include "base/hex.h"
#include "base/text.h"
#include "base/wipe.h"
#include "crypto/hkdf.h"

namespace quoted::simulation {
namespace {

constexpr std::string_view kDevelopmentSeed = "quoted development seed, public!";
static_assert(kDevelopmentSeed.size() == kMasterSeedSize);

constexpr std::string_view kWhiteSpace = " \t\r\n";
constexpr std::string_view kSalt = "quoted simulated world 1";

}  // namespace

MasterSeed MasterSeed::development() {
  return MasterSeed(base::SecretBytes::copy_of(base::as_bytes(kDevelopmentSeed)));
}

base::Result<MasterSeed> MasterSeed::parse(base::ByteView content) {
  if (content.size() == kMasterSeedSize) return MasterSeed(base::SecretBytes::copy_of(content));
  std::string_view digits = base::as_text(content);
  digits = digits.substr(0, digits.find_last_not_of(kWhiteSpace) + 1);
  if (digits.size() == 2 * kMasterSeedSize) {
    if (auto bytes = base::from_hex(digits)) {
      MasterSeed out(base::SecretBytes::copy_of(*bytes));
      base::wipe(*bytes);
      return out;
    }
  }
  return base::fail(
      base::ErrorCode::kSeedUnusable,
      base::text("the seed has ", content.size(), " bytes; expected ", kMasterSeedSize,
                 " raw bytes or ", 2 * kMasterSeedSize, " hexadecimal digits"));
}

base::Result<base::SecretBytes> MasterSeed::derive(std::string_view purpose,
                                                   std::size_t size) const {
  return crypto::hkdf_sha256(bytes_.view(), kSalt, purpose, size);
}

base::Result<crypto::P256PrivateKey> MasterSeed::derive_p256_key(std::string_view purpose) const {
  QUOTED_TRY(const base::SecretBytes seed, derive(purpose, crypto::kP256SeedSize));
  return crypto::P256PrivateKey::from_seed(seed.view());
}

}  // namespace quoted::simulation
