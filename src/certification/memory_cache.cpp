#include "certification/memory_cache.h"

#include <algorithm>

#include "certification/schedule.h"

namespace quoted::certification {
namespace {

// A parsed CRL and certificates come on top of the record.
std::size_t size_of(const Kept& kept) { return 2 * kept.record.size() + 4096; }

}  // namespace

KeptPtr MemoryCache::find(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  use(found->second);
  return found->second.kept;
}

void MemoryCache::put(const KeptPtr& kept) {
  const std::scoped_lock lock(mutex_);
  insert(kept);
}

KeptPtr MemoryCache::put_instead_of(const KeptPtr& expected, const KeptPtr& kept) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(kept->record.key);
  const KeptPtr there = found == entries_.end() ? nullptr : found->second.kept;
  if (there && there != expected) return there;
  insert(kept);
  return kept;
}

void MemoryCache::insert(const KeptPtr& kept) {
  const std::string& key = kept->record.key;
  if (const auto old = entries_.find(key); old != entries_.end()) {
    bytes_ -= size_of(*old->second.kept);
    old->second.kept = kept;
    use(old->second);
  } else {
    entries_.emplace(key, Entry{kept, by_use_.insert(by_use_.end(), key), std::nullopt});
  }
  bytes_ += size_of(*kept);
  while (entries_.size() > 1 && (entries_.size() > limits_.entries || bytes_ > limits_.bytes)) {
    drop(entries_.find(by_use_.front()));
  }
}

void MemoryCache::drop(Entries::iterator entry) {
  bytes_ -= size_of(*entry->second.kept);
  by_use_.erase(entry->second.place);
  entries_.erase(entry);
}

std::vector<KeptPtr> MemoryCache::all(std::string_view prefix) const {
  const std::scoped_lock lock(mutex_);
  std::vector<KeptPtr> out;
  for (auto at = entries_.lower_bound(prefix);
       at != entries_.end() && at->first.starts_with(prefix); ++at) {
    out.push_back(at->second.kept);
  }
  return out;
}

std::optional<FailedAttempt> MemoryCache::failure(std::string_view key) const {
  const std::scoped_lock lock(mutex_);
  const auto found = failures_.find(key);
  return found == failures_.end() ? std::nullopt : std::optional(found->second);
}

void MemoryCache::note_failure(const std::string& key, FailedAttempt failure) {
  const std::scoped_lock lock(mutex_);
  const auto before = failures_.find(key);
  if (before != failures_.end()) failure.in_a_row = before->second.in_a_row + 1;
  failures_.insert_or_assign(key, std::move(failure));
  if (failures_.size() <= limits_.entries) return;
  failures_.erase(
      std::ranges::min_element(failures_, {}, [](const auto& entry) { return entry.second.at; }));
}

void MemoryCache::forget_failure(std::string_view key) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = failures_.find(key); found != failures_.end()) failures_.erase(found);
}

void MemoryCache::forget_failures(std::string_view prefix) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(failures_, [&](const auto& entry) { return entry.first.starts_with(prefix); });
}

bool MemoryCache::mark_is_due(std::string_view key, base::UnixTime now) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return false;
  auto& marked = found->second.marked;
  if (marked && within(*marked, std::chrono::hours(1), now)) return false;
  marked = now;
  return true;
}

}  // namespace quoted::certification
