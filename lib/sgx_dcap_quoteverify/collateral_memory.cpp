#include "sgx_dcap_quoteverify/collateral_memory.h"

#include <algorithm>
#include <utility>

namespace quoted::quoteverify {

Answer<verification::PreparedCollateral> CollateralMemory::prepare(const Documents& documents) {
  const std::shared_ptr<const Entries> known = entries();
  for (const std::shared_ptr<const Entry>& entry : *known) {
    if (same_bytes(documents, entry->documents)) return entry->prepared;
  }
  collateral::Collateral copy = copy_of(documents);
  auto prepared = verification::PreparedCollateral::prepare(copy);
  if (!prepared) return refuse(SGX_QL_ERROR_OUT_OF_MEMORY, prepared.error().summary());

  std::size_t bytes = 0;
  for (const base::ByteView part : documents) bytes += part.size();
  if (bytes <= kMaxBytes) {
    keep(std::make_shared<const Entry>(Entry{std::move(copy), *prepared}));
  }
  return *std::move(prepared);
}

std::size_t CollateralMemory::size() const { return entries()->size(); }

std::shared_ptr<const CollateralMemory::Entries> CollateralMemory::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

void CollateralMemory::keep(std::shared_ptr<const Entry> entry) {
  // What is forgotten is destroyed after the lock is gone.
  std::shared_ptr<const Entries> before;
  const std::lock_guard lock(mutex_);
  // Threads that begin together read the same collateral at the same time.
  const auto same = [&](const auto& other) {
    return other->prepared.identity() == entry->prepared.identity();
  };
  if (std::ranges::any_of(*entries_, same)) return;
  const bool full = entries_->size() == kMaxEntries;
  auto after = std::make_shared<Entries>(entries_->begin() + (full ? 1 : 0), entries_->end());
  after->push_back(std::move(entry));
  before = std::exchange(entries_, std::move(after));
}

}  // namespace quoted::quoteverify
