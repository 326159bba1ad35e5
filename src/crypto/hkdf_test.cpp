#include "crypto/hkdf.h"

#include <gmock/gmock.h>

#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using test::unhex;

// Bytes first, first + 1, ... last.
base::Bytes counting(unsigned first, unsigned last) {
  base::Bytes out;
  for (unsigned i = first; i <= last; ++i) out.push_back(static_cast<std::byte>(i));
  return out;
}

std::string hkdf_hex(base::ByteView secret, base::ByteView salt, base::ByteView info,
                     std::size_t size) {
  return base::to_hex(
      hkdf_sha256(secret, base::as_text(salt), base::as_text(info), size).value().view());
}

// RFC 5869, appendix A, cases 1 to 3.
TEST(Hkdf, MatchesRfc5869) {
  const base::Bytes short_secret(22, std::byte{0x0B});
  EXPECT_EQ(hkdf_hex(short_secret, counting(0x00, 0x0C), counting(0xF0, 0xF9), 42),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(
      hkdf_hex(counting(0x00, 0x4F), counting(0x60, 0xAF), counting(0xB0, 0xFF), 82),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
      "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  EXPECT_EQ(hkdf_hex(short_secret, {}, {}, 42),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, SaltAndInfoSeparateKeys) {
  const base::Bytes secret(32, std::byte{7});
  const std::string reference = hkdf_hex(secret, unhex("01"), unhex("02"), 32);
  EXPECT_NE(hkdf_hex(secret, unhex("01"), unhex("03"), 32), reference);
  EXPECT_NE(hkdf_hex(secret, unhex("02"), unhex("02"), 32), reference);
  EXPECT_EQ(hkdf_hex(secret, unhex("01"), unhex("02"), 16), reference.substr(0, 32));
}

TEST(Hkdf, MoreThanItCanGiveIsRefused) {
  const base::Bytes secret(32, std::byte{7});
  EXPECT_TRUE(hkdf_sha256(secret, "s", "i", std::size_t{255} * 32));
  const auto refused = hkdf_sha256(secret, "s", "i", std::size_t{255} * 32 + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kCryptoFailure);
}

}  // namespace
}  // namespace quoted::crypto
