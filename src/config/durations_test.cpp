#include "config/durations.h"

#include <gmock/gmock.h>

namespace quoted::config {
namespace {

using namespace std::chrono_literals;

TEST(Durations, AreANumberAndAUnit) {
  EXPECT_EQ(parse_duration("30d"), 720h);
  EXPECT_EQ(parse_duration("12h"), 12h);
  EXPECT_EQ(parse_duration("90m"), 90min);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("2w"), 336h);
  EXPECT_EQ(parse_duration("0d"), 0s);
  EXPECT_EQ(parse_duration("36525d"), kMaxDuration);
}

TEST(Durations, AreNothingElse) {
  for (const char* const text :
       {"", "d", "30", "-1d", "+1d", " 1d", "1 d", "1d ", "1.5d", "1y", "30days", "1d12h", "0x1d",
        "36526d", "99999999999999999999d", "9223372036854775807w"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Durations, AreWrittenInTheLargestUnit) {
  EXPECT_EQ(duration_text(720h), "30d");
  EXPECT_EQ(duration_text(36h), "36h");
  EXPECT_EQ(duration_text(90min), "90m");
  EXPECT_EQ(duration_text(61s), "61s");
  EXPECT_EQ(duration_text(336h), "14d");
}

}  // namespace
}  // namespace quoted::config
