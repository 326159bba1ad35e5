#include "config/mistakes.h"

#include <gmock/gmock.h>

#include "base/text.h"

namespace quoted::config {
namespace {

TEST(Mistakes, NoneIsNoError) {
  const Mistakes none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.lines("a.toml"), "");
  EXPECT_TRUE(none.status("a.toml").has_value());
}

TEST(Mistakes, AreListedInTheOrderOfTheText) {
  Mistakes mistakes;
  mistakes.add({7, 1}, "last");
  mistakes.add({2, 9}, "second");
  mistakes.add({2, 3}, "first");
  EXPECT_EQ(mistakes.lines("a.toml"), "a.toml:2:3: first\na.toml:2:9: second\na.toml:7:1: last");
  const auto status = mistakes.status("a.toml");
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code(), base::ErrorCode::kConfigurationInvalid);
  EXPECT_EQ(status.error().summary(), mistakes.lines("a.toml"));
}

TEST(Mistakes, BeyondTheLimitAreCounted) {
  Mistakes mistakes;
  for (std::size_t i = 0; i < Mistakes::kMaxKept + 7; ++i) mistakes.add({}, base::text("m", i));
  EXPECT_EQ(mistakes.count(), Mistakes::kMaxKept + 7);
  EXPECT_EQ(mistakes.all().size(), Mistakes::kMaxKept);
  EXPECT_THAT(mistakes.lines("f"), testing::EndsWith("\nf: and 7 more mistakes"));
}

TEST(Shown, EscapesAndCuts) {
  EXPECT_EQ(shown("plain"), "'plain'");
  EXPECT_EQ(shown("a\x1b[31m\n"), "'a\\x1b[31m\\x0a'");
  EXPECT_EQ(shown(std::string(200, 'x')), "'" + std::string(80, 'x') + "...'");
}

}  // namespace
}  // namespace quoted::config
