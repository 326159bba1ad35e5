#include "telemetry/repeat_limiter.h"

#include <gtest/gtest.h>

#include <string>

namespace quoted::telemetry {
namespace {

using namespace std::chrono_literals;

constexpr RepeatLimiter::Time kStart{1000s};

TEST(RepeatLimiter, AdmitsTheBurstThenSuppresses) {
  RepeatLimiter limiter({.per_second = 10, .burst = 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.admit("a", kStart), 0U);
  EXPECT_EQ(limiter.admit("a", kStart), std::nullopt);
  EXPECT_EQ(limiter.admit("a", kStart + 99ms), std::nullopt);
  EXPECT_EQ(limiter.admit("a", kStart + 101ms), 2U);
  EXPECT_EQ(limiter.admit("a", kStart + 102ms), std::nullopt);
  EXPECT_EQ(limiter.admit("a", kStart + 10s), 1U);
}

TEST(RepeatLimiter, RefillsToTheBurstAndNoFurther) {
  RepeatLimiter limiter({.per_second = 10, .burst = 2});
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(limiter.admit("a", kStart));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(limiter.admit("a", kStart + 1h));
  EXPECT_FALSE(limiter.admit("a", kStart + 1h));
}

TEST(RepeatLimiter, EventsDoNotTouchEachOther) {
  RepeatLimiter limiter({.per_second = 1, .burst = 1});
  EXPECT_TRUE(limiter.admit("a", kStart));
  EXPECT_FALSE(limiter.admit("a", kStart));
  EXPECT_TRUE(limiter.admit("ab", kStart));
}

TEST(RepeatLimiter, SurplusNamesShareOneBucket) {
  RepeatLimiter limiter({.per_second = 1, .burst = 1});
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) {
    if (limiter.admit("event" + std::to_string(i), kStart)) ++admitted;
  }
  EXPECT_EQ(admitted, 64);
  EXPECT_FALSE(limiter.admit(std::string(200, 'x'), kStart));
}

}  // namespace
}  // namespace quoted::telemetry
