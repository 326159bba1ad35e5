#include "test_support/require.h"

#include <gtest/gtest-spi.h>

namespace quoted::test {
namespace {

TEST(Require, AReasonIsNeededForLeaveToSkip) {
  EXPECT_EQ(allowed_skip("npm", "cgroups=no root;npm=offline").value(), "offline");
  EXPECT_FALSE(allowed_skip("npm", "cgroups=no root"));
  EXPECT_FALSE(allowed_skip("npm", "npm"));
  EXPECT_FALSE(allowed_skip("npm", "npm="));
  EXPECT_FALSE(allowed_skip("np", "npm=offline"));
  EXPECT_FALSE(allowed_skip("npm", ""));
}

void need_the_absent() { QUOTED_REQUIRE("something-never-listed", false); }

TEST(Require, AbsenceWithoutLeaveFails) {
  EXPECT_FATAL_FAILURE(need_the_absent(), "this test needs something-never-listed");
}

}  // namespace
}  // namespace quoted::test
