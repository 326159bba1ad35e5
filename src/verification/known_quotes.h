// Verdicts that hold for every quote of the same QE whose signature is good. A quote differs from
// the last one of its platform in its body and the signature over it, and no rule looks at the body
// beyond the few facts that stand in the key.
#pragma once

#include "verification/fact_cache.h"
#include "verification/prepared_collateral.h"
#include "verification/verdict.h"
#include "verification/verifier.h"

namespace quoted::verification {

// Everything that a verdict depends on, but for the time and the signature by the attestation key:
// mode and options, the collateral, the header, what rules ask of the body, and all that stands
// behind the quote's signature. Two quotes with equal keys get equal verdicts, whole bytes
// compared. The roots are those of the verifier that remembers.
class QuoteKey {
 public:
  [[nodiscard]] static QuoteKey of(const quote::Quote& quote, const PreparedCollateral& collateral,
                                   const VerifyOptions& options);
  [[nodiscard]] const std::string& bytes() const& { return bytes_; }
  [[nodiscard]] std::string bytes() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Usable from many threads.
class KnownQuotes {
 public:
  explicit KnownQuotes(const CacheLimits& limits) : quotes_(limits) {}

  // The verdict without the quote itself, when one is known at this time and the attestation key
  // signed this quote.
  [[nodiscard]] std::optional<Verdict> answer(const QuoteKey& key, const quote::Quote& quote,
                                              base::UnixTime at) const;
  // For a quote that is not refused. It holds while all of the collateral does; one with collateral
  // that is out of date is passed over, and so is one with bytes behind the quote or its certification data.
  void remember(QuoteKey key, std::string_view group, const Verdict& verdict,
                const crypto::P256PublicKey& attestation_key, base::UnixTime at);

  [[nodiscard]] CacheStatistics statistics() const { return quotes_.statistics(); }

 private:
  struct Known {
    Verdict verdict;
    crypto::P256PublicKey attestation_key;
  };
  mutable FactCache<Known> quotes_;
};

}  // namespace quoted::verification
