#include "verification/fact_cache.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace quoted::verification {
namespace {

using std::chrono::seconds;
using Cache = FactCache<int>;

base::UnixTime at(long second) { return base::UnixTime(seconds(second)); }

std::shared_ptr<const int> fact(int value) { return std::make_shared<const int>(value); }

// One shard, so that a test knows who shares room with whom.
CacheLimits room_for(std::size_t facts) {
  return {.facts = facts, .shards = 1, .max_key_size = 64};
}

TEST(FactCache, FindsWhatWasPutInAndNothingElse) {
  Cache cache(room_for(8));
  cache.insert("one", "g", kAlways, fact(1));
  ASSERT_TRUE(cache.find("one", at(5)));
  EXPECT_EQ(*cache.find("one", at(5)), 1);
  EXPECT_FALSE(cache.find("on", at(5)));
  EXPECT_FALSE(cache.find("one ", at(5)));
  EXPECT_FALSE(cache.find("", at(5)));
}

TEST(FactCache, KeepsToTheTimesInBothDirections) {
  Cache cache(room_for(8));
  cache.insert("key", "g", {at(100), at(200)}, fact(1));
  EXPECT_FALSE(cache.find("key", at(99)));
  EXPECT_TRUE(cache.find("key", at(100)));
  EXPECT_TRUE(cache.find("key", at(200)));
  EXPECT_FALSE(cache.find("key", at(201)));
  // And comes back when the clock does.
  EXPECT_TRUE(cache.find("key", at(150)));
}

TEST(FactCache, TheLastFactOfAKeyCounts) {
  Cache cache(room_for(8));
  cache.insert("key", "g", {at(100), at(200)}, fact(1));
  cache.insert("key", "g", {at(201), at(300)}, fact(2));
  EXPECT_FALSE(cache.find("key", at(150)));
  EXPECT_EQ(*cache.find("key", at(250)), 2);
  EXPECT_EQ(cache.statistics().facts, 1U);
}

TEST(FactCache, NeverHoldsMoreThanItsRoom) {
  for (const std::size_t shards : {1U, 4U, 7U}) {
    Cache cache({.facts = 28, .shards = shards, .max_key_size = 64});
    for (int i = 0; i < 5000; ++i) {
      const std::string key = std::to_string(i);
      cache.insert(key, key, kAlways, fact(i));
      if (i % 3 == 0) (void)cache.find(key, at(0));
      ASSERT_LE(cache.statistics().facts, 28U);
    }
    EXPECT_EQ(cache.statistics().facts + cache.statistics().evictions, 5000U);
  }
}

TEST(FactCache, OfALargeKeyOrWithoutRoomNothingIsKept) {
  Cache cache(room_for(8));
  cache.insert(std::string(65, 'k'), "g", kAlways, fact(1));
  EXPECT_FALSE(cache.find(std::string(65, 'k'), at(0)));
  EXPECT_EQ(cache.statistics().facts, 0U);
  Cache none(room_for(0));
  none.insert("key", "g", kAlways, fact(1));
  EXPECT_FALSE(none.find("key", at(0)));
}

// The facts of somebody who comes back survive any number of strangers, each with facts that are
// asked for once.
TEST(FactCache, ACrowdOfNewFactsLeavesAloneWhatIsAskedForAgain) {
  Cache cache(room_for(32));
  cache.insert("busy", "tenant", kAlways, fact(1));
  ASSERT_TRUE(cache.find("busy", at(0)));
  for (int i = 0; i < 10000; ++i) {
    const std::string key = std::to_string(i);
    cache.insert(key, key, kAlways, fact(i));
  }
  EXPECT_TRUE(cache.find("busy", at(0)));
}

// Nor does it help a stranger to ask for each twice, as long as all of them are of one platform.
TEST(FactCache, OneGroupMakesRoomForItselfOnly) {
  Cache cache(room_for(32));
  for (const char* key : {"a", "b", "c"}) {
    cache.insert(key, key, kAlways, fact(1));
    ASSERT_TRUE(cache.find(key, at(0)));
  }
  for (int i = 0; i < 10000; ++i) {
    const std::string key = std::to_string(i);
    cache.insert(key, "stranger", kAlways, fact(i));
    ASSERT_TRUE(cache.find(key, at(0)));
    ASSERT_LE(cache.statistics().facts, 3U + 32U / 8U);
  }
  for (const char* key : {"a", "b", "c"}) EXPECT_TRUE(cache.find(key, at(0))) << key;
}

// And within one group, who comes back keeps what is his.
TEST(FactCache, WithinAGroupTheLeastUsedGoesFirst) {
  Cache cache(room_for(32));
  cache.insert("busy", "g", kAlways, fact(1));
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(cache.find("busy", at(0)));
    cache.insert(std::to_string(i), "g", kAlways, fact(i));
  }
}

// Strangers of many groups that ask for everything twice push out what is not asked for in between,
// and nothing that is.
TEST(FactCache, ABusyFactOutlivesManyGroupsThatAskTwice) {
  Cache cache(room_for(32));
  cache.insert("busy", "tenant", kAlways, fact(1));
  cache.insert("idle", "other", kAlways, fact(2));
  ASSERT_TRUE(cache.find("idle", at(0)));
  for (int i = 0; i < 1000; ++i) {
    if (i % 16 == 0) {
      ASSERT_TRUE(cache.find("busy", at(0))) << i;
    }
    const std::string key = std::to_string(i);
    cache.insert(key, key, kAlways, fact(i));
    ASSERT_TRUE(cache.find(key, at(0)));
  }
  EXPECT_FALSE(cache.find("idle", at(0)));
}

TEST(FactCache, AFactLivesAsLongAsSomebodyHoldsIt) {
  Cache cache(room_for(1));
  cache.insert("first", "g", kAlways, fact(1));
  const auto held = cache.find("first", at(0));
  cache.insert("second", "h", kAlways, fact(2));
  EXPECT_FALSE(cache.find("first", at(0)));
  EXPECT_EQ(*held, 1);
}

TEST(FactCache, ServesManyThreads) {
  Cache cache({.facts = 64, .shards = 4, .max_key_size = 64});
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&cache, thread] {
      for (int i = 0; i < 2000; ++i) {
        const int value = (i * 7 + thread) % 100;
        const std::string key = std::to_string(value);
        if (const auto found = cache.find(key, at(0))) {
          EXPECT_EQ(*found, value);
        } else {
          cache.insert(key, std::to_string(value % 10), kAlways, fact(value));
        }
      }
    });
  }
  threads.clear();
  EXPECT_LE(cache.statistics().facts, 64U);
  EXPECT_EQ(cache.statistics().hits + cache.statistics().misses, 16000U);
}

}  // namespace
}  // namespace quoted::verification
