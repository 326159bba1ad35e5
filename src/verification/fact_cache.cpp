#include "verification/fact_cache.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <unordered_map>

namespace quoted::verification {
namespace {

// Of the room of a shard: what was asked for a second time keeps at most this much, so that there
// is always some for what is new.
constexpr std::size_t kProvenNumerator = 3;
constexpr std::size_t kProvenDenominator = 4;
constexpr std::size_t kGroupShare = 8;

}  // namespace

// Two lists, the least recently used at the back of each. A fact starts among the new ones and is
// proven when it is found again. A crowd of facts that nobody asks for twice thus passes through
// the new ones and leaves the proven ones alone.
class FactStore::Shard {
 public:
  explicit Shard(std::size_t room)
      : room_(room),
        proven_room_(room * kProvenNumerator / kProvenDenominator),
        group_room_(std::max<std::size_t>(1, room / kGroupShare)) {}

  std::shared_ptr<const void> find(std::string_view key, base::UnixTime at) {
    const std::lock_guard lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end() || !found->second->holds.contains(at)) {
      ++statistics_.misses;
      return nullptr;
    }
    ++statistics_.hits;
    prove(found->second);
    return found->second->fact;
  }

  void insert(std::string key, std::string_view group, const TimeRange& holds,
              std::shared_ptr<const void> fact) {
    // Whatever goes is destroyed after the lock.
    Entries gone;
    Entries added;
    added.push_front({std::move(key), std::string(group), holds, std::move(fact), false});
    const std::lock_guard lock(mutex_);
    if (const auto found = index_.find(added.front().key); found != index_.end()) {
      found->second->holds = holds;
      std::swap(found->second->fact, added.front().fact);
      gone.splice(gone.begin(), added);
      return;
    }
    make_room(group, gone);
    index_.emplace(added.front().key, added.begin());
    new_.splice(new_.begin(), added);
  }

  void add_to(CacheStatistics& out) const {
    const std::lock_guard lock(mutex_);
    out.hits += statistics_.hits;
    out.misses += statistics_.misses;
    out.evictions += statistics_.evictions;
    out.facts += index_.size();
  }

 private:
  struct Entry {
    std::string key;
    std::string group;
    TimeRange holds;
    std::shared_ptr<const void> fact;
    bool proven;
  };
  using Entries = std::list<Entry>;

  void prove(Entries::iterator entry) {
    proven_.splice(proven_.begin(), entry->proven ? proven_ : new_, entry);
    entry->proven = true;
    if (proven_.size() <= proven_room_) return;
    const auto last = std::prev(proven_.end());
    last->proven = false;
    new_.splice(new_.begin(), proven_, last);
  }

  void make_room(std::string_view group, Entries& gone) {
    std::size_t own = 0;
    for (const Entries* const entries : {&new_, &proven_}) {
      own += static_cast<std::size_t>(std::ranges::count(*entries, group, &Entry::group));
    }
    if (own >= group_room_) {
      evict_last_of(group, gone);
    } else if (index_.size() >= room_) {
      Entries& from = new_.empty() ? proven_ : new_;
      evict(from, std::prev(from.end()), gone);
    }
  }

  void evict_last_of(std::string_view group, Entries& gone) {
    for (Entries* const entries : {&new_, &proven_}) {
      const auto found = std::find_if(entries->rbegin(), entries->rend(),
                                      [&](const Entry& entry) { return entry.group == group; });
      if (found == entries->rend()) continue;
      evict(*entries, std::prev(found.base()), gone);
      return;
    }
  }

  void evict(Entries& from, Entries::iterator entry, Entries& gone) {
    index_.erase(entry->key);
    gone.splice(gone.begin(), from, entry);
    ++statistics_.evictions;
  }

  const std::size_t room_;
  const std::size_t proven_room_;
  const std::size_t group_room_;
  mutable std::mutex mutex_;
  Entries new_;
  Entries proven_;
  std::unordered_map<std::string_view, Entries::iterator> index_;  // keys are views into entries
  CacheStatistics statistics_;
};

FactStore::FactStore(const CacheLimits& limits) : max_key_size_(limits.max_key_size) {
  if (limits.facts == 0) return;
  const std::size_t count = std::clamp<std::size_t>(limits.shards, 1, limits.facts);
  for (std::size_t i = 0; i < count; ++i) {
    shards_.push_back(std::make_unique<Shard>(limits.facts / count));
  }
}

FactStore::~FactStore() = default;

FactStore::Shard& FactStore::shard_of(std::string_view key) const {
  return *shards_[std::hash<std::string_view>{}(key) % shards_.size()];
}

std::shared_ptr<const void> FactStore::find(std::string_view key, base::UnixTime at) {
  if (shards_.empty() || key.size() > max_key_size_) return nullptr;
  return shard_of(key).find(key, at);
}

void FactStore::insert(std::string key, std::string_view group, const TimeRange& holds,
                       std::shared_ptr<const void> fact) {
  if (shards_.empty() || key.size() > max_key_size_) return;
  Shard& shard = shard_of(key);
  shard.insert(std::move(key), group, holds, std::move(fact));
}

CacheStatistics FactStore::statistics() const {
  CacheStatistics out;
  for (const auto& shard : shards_) shard->add_to(out);
  return out;
}

}  // namespace quoted::verification
