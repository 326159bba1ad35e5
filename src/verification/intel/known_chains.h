// Chains of quotes that were verified before, by their text.
#pragma once

#include "verification/fact_cache.h"
#include "verification/intel/quote_chain.h"

namespace quoted::verification::intel {

// In whose name a verified chain's facts are remembered: its PCK certificate's key.
[[nodiscard]] std::string_view group_of(const QuoteChain& chain);

// Usable from many threads.
class KnownChains {
 public:
  explicit KnownChains(const CacheLimits& limits) : chains_(limits) {}

  // Null when there is none.
  [[nodiscard]] std::shared_ptr<const QuoteChain> find(std::string_view pem) const {
    return chains_.find(pem, base::UnixTime());
  }
  // For a canonical chain that has been verified.
  void remember(std::shared_ptr<const QuoteChain> chain);

  [[nodiscard]] CacheStatistics statistics() const { return chains_.statistics(); }

 private:
  mutable FactCache<QuoteChain> chains_;
};

}  // namespace quoted::verification::intel
