#include "certification/memory_cache.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "certification/flights.h"
#include "certification/schedule.h"

namespace quoted::certification {
namespace {

using namespace std::chrono_literals;

const base::UnixTime kTime{1'000'000s};

KeptPtr kept(const std::string& key, std::size_t size = 0) {
  Kept out{PckRequest{}, {}, {}, {}};
  out.record.key = key;
  out.record.body.resize(size);
  return std::make_shared<const Kept>(std::move(out));
}

base::Error error() { return {base::ErrorCode::kNotFoundAtSource, "not there"}; }

TEST(MemoryCache, DropsWhatWasNotUsedLongest) {
  MemoryCache cache({.bytes = 1U << 20U, .entries = 2});
  cache.put(kept("a"));
  cache.put(kept("b"));
  EXPECT_TRUE(cache.find("a"));
  cache.put(kept("c"));
  EXPECT_TRUE(cache.find("a"));
  EXPECT_FALSE(cache.find("b"));
  EXPECT_EQ(cache.all().size(), 2U);
}

TEST(MemoryCache, HasABoundInBytesThatReplacedOnesDoNotCountFor) {
  MemoryCache cache({.bytes = 100'000, .entries = 1000});
  for (int i = 0; i < 100; ++i) cache.put(kept("a", 30'000));
  cache.put(kept("b"));
  EXPECT_TRUE(cache.find("a"));
  cache.put(kept("c", 30'000));
  EXPECT_FALSE(cache.find("a"));
  cache.put(kept("d", 1U << 20U));
  EXPECT_TRUE(cache.find("d")) << "the last one stays, however large";
  EXPECT_EQ(cache.all().size(), 1U);
}

TEST(MemoryCache, WhatCameMeanwhileStays) {
  MemoryCache cache;
  const KeptPtr older = kept("a");
  const KeptPtr newer = kept("a");
  EXPECT_EQ(cache.put_instead_of(nullptr, older), older);
  EXPECT_EQ(cache.put_instead_of(nullptr, newer), older);
  EXPECT_EQ(cache.put_instead_of(older, newer), newer);
  EXPECT_EQ(cache.put_instead_of(older, older), newer);
  EXPECT_EQ(cache.find("a"), newer);
}

TEST(MemoryCache, FailuresAreCountedForgottenAndBounded) {
  MemoryCache cache({.bytes = 1000, .entries = 3});
  EXPECT_FALSE(cache.failure("a"));
  cache.note_failure("a", {kTime, error()});
  cache.note_failure("a", {kTime + 1s, error()});
  EXPECT_EQ(cache.failure("a")->in_a_row, 2U);
  EXPECT_EQ(cache.failure("a")->at, kTime + 1s);
  cache.forget_failure("a");
  EXPECT_FALSE(cache.failure("a"));
  for (int i = 0; i < 10; ++i) cache.note_failure(std::to_string(i), {kTime + i * 1s, error()});
  EXPECT_FALSE(cache.failure("6"));
  EXPECT_TRUE(cache.failure("7"));
  cache.forget_failures("");
  EXPECT_FALSE(cache.failure("9"));
}

TEST(MemoryCache, UseIsMarkedOnceAnHour) {
  MemoryCache cache;
  EXPECT_FALSE(cache.mark_is_due("a", kTime));
  cache.put(kept("a"));
  EXPECT_TRUE(cache.mark_is_due("a", kTime));
  EXPECT_FALSE(cache.mark_is_due("a", kTime + 59min));
  EXPECT_TRUE(cache.mark_is_due("a", kTime + 1h));
  EXPECT_TRUE(cache.mark_is_due("a", kTime - 24h)) << "the clock was set back";
}

TEST(Schedule, RefreshesBeforeTheEndAndSpreads) {
  EXPECT_EQ(refresh_time(kTime, kTime + 1000h, 24h, 0), kTime + 24h);
  EXPECT_EQ(refresh_time(kTime, kTime + 4h, 24h, 0), kTime + 3h);
  EXPECT_EQ(refresh_time(kTime, kTime - 4h, 24h, 12345), kTime);
  base::UnixTime earliest = base::UnixTime::max();
  for (std::uint64_t jitter = 0; jitter < 100'000; jitter += 7) {
    const auto at = refresh_time(kTime, kTime + 1000h, 24h, jitter);
    EXPECT_LE(at, kTime + 24h);
    earliest = std::min(earliest, at);
  }
  EXPECT_LT(earliest, kTime + 22h);
  EXPECT_GE(earliest, kTime + 21h);
}

TEST(Schedule, RetriesMoreAndMoreSeldom) {
  EXPECT_EQ(retry_pause(60s, 1), 60s);
  EXPECT_EQ(retry_pause(60s, 2), 120s);
  EXPECT_EQ(retry_pause(60s, 4'000'000'000U), 1h);
  EXPECT_EQ(retry_pause(2h, 5), 2h);
}

TEST(Schedule, TheFutureIsNoReasonToWait) {
  EXPECT_TRUE(within(kTime, 60s, kTime));
  EXPECT_TRUE(within(kTime, 60s, kTime + 59s));
  EXPECT_FALSE(within(kTime, 60s, kTime + 60s));
  EXPECT_TRUE(within(kTime, 60s, kTime - kSlowClock));
  EXPECT_FALSE(within(kTime, 60s, kTime - kSlowClock - 1s));
}

TEST(Flights, AnErrandThatThrowsReleasesWhoWaits) {
  Flights<int> flights;
  EXPECT_THROW((void)flights.run("a", []() -> base::Result<int> { throw std::runtime_error("x"); }),
               std::runtime_error);
  EXPECT_FALSE(flights.under_way("a"));
  EXPECT_EQ(flights.run("a", []() -> base::Result<int> { return 7; }).value(), 7);
}

TEST(Flights, OthersAreNotWaitedFor) {
  Flights<int> flights;
  const auto outer = flights.run("a", [&]() -> base::Result<int> {
    EXPECT_TRUE(flights.under_way("a"));
    EXPECT_FALSE(flights.under_way("b"));
    return flights.run("b", []() -> base::Result<int> { return 3; });
  });
  EXPECT_EQ(outer.value(), 3);
}

}  // namespace
}  // namespace quoted::certification
