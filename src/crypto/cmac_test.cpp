#include "crypto/cmac.h"

#include <gmock/gmock.h>

#include "crypto/compare.h"
#include "crypto/testing/derivation.h"
#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using test::unhex;

Key128 key_of(std::string_view digits) {
  return Key128(std::span<const std::byte, Key128::kSize>(unhex(digits)));
}

// RFC 4493, section 4.
TEST(Cmac, MatchesRfc4493) {
  const Key128 key = key_of("2b7e151628aed2a6abf7158809cf4f3c");
  const base::Bytes message = unhex(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
  const auto mac_of_first = [&](std::size_t size) {
    return aes128_cmac(key, base::ByteView(message).first(size)).value().hex();
  };
  EXPECT_EQ(mac_of_first(0), "bb1d6929e95937287fa37d129b756746");
  EXPECT_EQ(mac_of_first(16), "070a16b46b4d4144f79bdd9dd04a287c");
  EXPECT_EQ(mac_of_first(40), "dfa66747de9ae63030ca32611497c827");
  EXPECT_EQ(mac_of_first(64), "51f0bebf7e3b9d92fc49741779363cfe");
}

// quote-generation 3.3, 4.1 and 13.
TEST(Cmac, DerivesQeIdAndPpid) {
  const Key128 key = testing::counting_key();
  EXPECT_EQ(aes128_cmac(key, unhex("00"
                                   "51455f49445f444552"
                                   "00000000"
                                   "0080"))
                .value()
                .hex(),
            "03538228159f66c4601be60b57965ea4");
  EXPECT_EQ(aes128_cmac(key, base::Bytes(16)).value().hex(), "be7ed6ae787dd5544c5561c7dcd06abb");
}

TEST(Cmac, ADerivedKeyIsTheMac) {
  const Key128 key = testing::counting_key();
  const base::Bytes data = unhex("0102");
  EXPECT_TRUE(
      base::equal(derive_key128(key, data).value().view(), aes128_cmac(key, data).value().view()));
}

TEST(ConstantTimeEqual, ComparesSizeAndEveryByte) {
  const base::Bytes value = unhex("000102");
  EXPECT_TRUE(constant_time_equal(value, unhex("000102")));
  EXPECT_TRUE(constant_time_equal({}, {}));
  EXPECT_FALSE(constant_time_equal(value, unhex("0001")));
  EXPECT_FALSE(constant_time_equal(value, unhex("010102")));
  EXPECT_FALSE(constant_time_equal(value, unhex("000103")));
}

}  // namespace
}  // namespace quoted::crypto
