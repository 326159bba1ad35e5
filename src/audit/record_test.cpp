#include "audit/record.h"

#include <gtest/gtest.h>

namespace quoted::audit {
namespace {

TEST(RequestIdTest, IsSixteenHexadecimalDigits) {
  EXPECT_EQ(RequestId{0x0123456789abcdefU}.text(), "0123456789abcdef");
  EXPECT_EQ(RequestId{1}.text(), "0000000000000001");
}

}  // namespace
}  // namespace quoted::audit
