// Facts that are dear to find out and stay true: bounded in number, found by all the bytes they
// depend on, each true from one time to another. What is no longer asked for makes room; what one
// group brings in makes room within the group first, so that nobody can push out the facts of
// others by bringing many.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace quoted::verification {

struct CacheLimits {
  std::size_t facts = 512;               // 0: remember nothing
  std::size_t shards = 16;               // each with a lock of its own
  std::size_t max_key_size = 16 * 1024;  // bytes; what needs more is not remembered
};

struct CacheStatistics {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;  // those that were there at another time included
  std::uint64_t evictions = 0;
  std::size_t facts = 0;
};

// From and until inclusive.
struct TimeRange {
  base::UnixTime from;
  base::UnixTime until;
  [[nodiscard]] bool contains(base::UnixTime at) const { return from <= at && at <= until; }
};
inline constexpr TimeRange kAlways{base::UnixTime::min(), base::UnixTime::max()};

// The same for any kind of fact. Usable from many threads.
class FactStore {
 public:
  explicit FactStore(const CacheLimits& limits);
  FactStore(const FactStore&) = delete;
  FactStore& operator=(const FactStore&) = delete;
  ~FactStore();

  [[nodiscard]] std::shared_ptr<const void> find(std::string_view key, base::UnixTime at);
  // Takes the place of what is there under the key. No group gets more than an eighth of the room of
  // a shard, or one fact where that is less.
  void insert(std::string key, std::string_view group, const TimeRange& holds,
              std::shared_ptr<const void> fact);
  [[nodiscard]] CacheStatistics statistics() const;

 private:
  class Shard;
  [[nodiscard]] Shard& shard_of(std::string_view key) const;
  std::size_t max_key_size_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

template <class Fact>
class FactCache {
 public:
  explicit FactCache(const CacheLimits& limits) : store_(limits) {}

  // Null unless a fact is there that holds at this time.
  [[nodiscard]] std::shared_ptr<const Fact> find(std::string_view key, base::UnixTime at) {
    return std::static_pointer_cast<const Fact>(store_.find(key, at));
  }
  // `group` is on whose behalf; a busy member of it keeps its facts all the same.
  void insert(std::string key, std::string_view group, const TimeRange& holds,
              std::shared_ptr<const Fact> fact) {
    store_.insert(std::move(key), group, holds, std::move(fact));
  }
  [[nodiscard]] CacheStatistics statistics() const { return store_.statistics(); }

 private:
  FactStore store_;
};

}  // namespace quoted::verification
