// The collaterals that were used last, prepared: a program verifies many quotes with few of them.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "sgx_dcap_quoteverify/documents.h"
#include "verification/prepared_collateral.h"

namespace quoted::quoteverify {

// For many threads. Its lock is held only to take or to replace a pointer.
class CollateralMemory {
 public:
  static constexpr std::size_t kMaxEntries = 16;
  // A larger collateral is not kept, so that strangers' documents do not fill the memory.
  static constexpr std::size_t kMaxBytes = std::size_t{4} * 1024 * 1024;

  // Remembered when all seven parts are the same, byte for byte. Fails only where OpenSSL has no
  // memory.
  [[nodiscard]] Answer<verification::PreparedCollateral> prepare(const Documents& documents);

  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    collateral::Collateral documents;
    verification::PreparedCollateral prepared;
  };
  using Entries = std::vector<std::shared_ptr<const Entry>>;

  [[nodiscard]] std::shared_ptr<const Entries> entries() const;
  void keep(std::shared_ptr<const Entry> entry);

  mutable std::mutex mutex_;
  std::shared_ptr<const Entries> entries_ = std::make_shared<const Entries>();  // oldest first
};

}  // namespace quoted::quoteverify
