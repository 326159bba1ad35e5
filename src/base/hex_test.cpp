#include "base/hex.h"

#include <gmock/gmock.h>

namespace quoted::base {
namespace {

TEST(Hex, RoundTripsBothCases) {
  const Bytes bytes = from_hex("00ffA5").value();
  EXPECT_EQ(to_hex(bytes), "00ffa5");
  EXPECT_TRUE(from_hex("").value().empty());
}

TEST(Hex, NamesTheOffendingCharacter) {
  EXPECT_EQ(from_hex("0x12").error().message(), "character 2 of 4 is not a hexadecimal digit");
  EXPECT_EQ(from_hex("123").error().code(), ErrorCode::kBadHex);
}

TEST(Hex, NumbersHaveAtLeastTheDigitsAskedFor) {
  EXPECT_EQ(hex_number(0), "0x0000");
  EXPECT_EQ(hex_number(0xE00B), "0xe00b");
  EXPECT_EQ(hex_number(0x12345), "0x12345");
  EXPECT_EQ(hex_number(2, 1), "0x2");
}

}  // namespace
}  // namespace quoted::base
