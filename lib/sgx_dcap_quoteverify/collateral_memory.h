// The collaterals that were used last, prepared: a program verifies many quotes with few of them.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "sgx_dcap_quoteverify/documents.h"
#include "verification/prepared_collateral.h"

namespace quoted::quoteverify {

// For many threads. Documents are read and compared without its lock, which is held to take a
// pointer and while an entry comes in, for as long as it takes to look at kMaxEntries others.
class CollateralMemory {
 public:
  static constexpr std::size_t kMaxEntries = 16;
  // Of all seven documents. Genuine collateral has some 20 KiB, with large CRLs some 100 KiB. What
  // is larger is not kept; the sums are bounded because what documents say takes several times the
  // room of their bytes.
  static constexpr std::size_t kMaxBytes = std::size_t{1} * 1024 * 1024;
  static constexpr std::size_t kMaxBytesInAll = std::size_t{8} * 1024 * 1024;

  // Found when all seven parts are the same, byte for byte.
  [[nodiscard]] std::optional<verification::PreparedCollateral> find(const Documents& documents);

  // Only for collateral that verified: strangers' documents would push it out. Takes the place of
  // what was used least recently. Where there is no memory, nothing is kept.
  void keep(collateral::Collateral documents,
            const verification::PreparedCollateral& prepared) noexcept;

  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    collateral::Collateral documents;
    verification::PreparedCollateral prepared;
    std::size_t bytes;
    std::atomic<std::uint64_t> last_use;
  };
  using Entries = std::vector<std::shared_ptr<Entry>>;

  [[nodiscard]] std::shared_ptr<const Entries> entries() const;
  void add(std::shared_ptr<Entry> entry);

  std::atomic<std::uint64_t> uses_ = 0;
  mutable std::mutex mutex_;
  std::shared_ptr<const Entries> entries_ = std::make_shared<const Entries>();
};

}  // namespace quoted::quoteverify
