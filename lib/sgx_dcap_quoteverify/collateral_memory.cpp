#include "sgx_dcap_quoteverify/collateral_memory.h"

#include <algorithm>
#include <new>
#include <utility>

namespace quoted::quoteverify {
namespace {

std::size_t bytes_of(const collateral::Collateral& documents) {
  std::size_t out = 0;
  for (const auto& part : collateral::kCollateralParts) out += (documents.*part.bytes).size();
  return out;
}

}  // namespace

std::optional<verification::PreparedCollateral> CollateralMemory::find(const Documents& documents) {
  const std::shared_ptr<const Entries> known = entries();
  for (const std::shared_ptr<Entry>& entry : *known) {
    if (!same_bytes(documents, entry->documents)) continue;
    entry->last_use = ++uses_;
    return entry->prepared;
  }
  return std::nullopt;
}

void CollateralMemory::keep(collateral::Collateral documents,
                            const verification::PreparedCollateral& prepared) noexcept {
  const std::size_t bytes = bytes_of(documents);
  if (bytes > kMaxBytes) return;
  try {
    add(std::make_shared<Entry>(std::move(documents), prepared, bytes, ++uses_));
  } catch (const std::bad_alloc&) {
    // The verification is over and has its answer; the next one reads the documents again.
    return;
  }
}

std::size_t CollateralMemory::size() const { return entries()->size(); }

std::shared_ptr<const CollateralMemory::Entries> CollateralMemory::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

void CollateralMemory::add(std::shared_ptr<Entry> entry) {
  // What is forgotten is destroyed after the lock is gone.
  std::shared_ptr<const Entries> before;
  const std::lock_guard lock(mutex_);
  // Threads that begin together read the same collateral at the same time.
  const auto same = [&](const auto& other) {
    return other->prepared.identity() == entry->prepared.identity();
  };
  if (std::ranges::any_of(*entries_, same)) return;
  auto after = std::make_shared<Entries>(*entries_);
  std::size_t bytes = entry->bytes;
  for (const auto& other : *after) bytes += other->bytes;
  while (after->size() == kMaxEntries || bytes > kMaxBytesInAll) {
    const auto last = std::ranges::min_element(
        *after, {}, [](const auto& other) { return other->last_use.load(); });
    bytes -= (*last)->bytes;
    after->erase(last);
  }
  after->push_back(std::move(entry));
  before = std::exchange(entries_, std::move(after));
}

}  // namespace quoted::quoteverify
