// Judges a quote. With collateral: the whole algorithm for SGX and TDX, for Intel's quotes and for
// those of any other root that is named. Without: structure, PCK chain to a trusted root key, PCK
// signature on the QE report, QE report binding, attestation signature; the verdict then says what
// was not looked at. No I/O and no clock of its own. Usable from many threads.
#pragma once

#include "verification/fact_cache.h"
#include "verification/prepared_collateral.h"
#include "verification/trusted_root.h"
#include "verification/verdict.h"

namespace quoted::verification {

struct VerifyOptions {
  Mode mode = Mode::kStrict;
  bool allow_debug = false;  // strict only: an enclave or TD that can be debugged is a warning
  // Intel's only: the call also fails where its supplemental data have no room for the advisories.
  bool advisory_list = true;
};

struct VerifierStatistics {
  CacheStatistics quotes;  // quotes but for their signature and report
  CacheStatistics chains;  // the certificates in them
};

class Verifier {
 public:
  // `limits` go for each of the two kinds of facts; copies of a verifier share what they know.
  explicit Verifier(std::vector<TrustedRoot> roots, const CacheLimits& limits = {});

  // None of these fails: what cannot be judged is refused, with the reason in the verdict.
  [[nodiscard]] Verdict verify(base::ByteView quote, base::UnixTime at) const;
  // Nothing is remembered: for collateral that comes from whoever asks.
  [[nodiscard]] Verdict verify(base::ByteView quote, const collateral::ParsedCollateral& collateral,
                               base::UnixTime at, const VerifyOptions& options) const;
  // The same verdict, sooner: what was found out about one quote counts for every other of which
  // it holds. docs/verification.md says what that is and what it is remembered by.
  [[nodiscard]] Verdict verify(base::ByteView quote, const PreparedCollateral& collateral,
                               base::UnixTime at, const VerifyOptions& options) const;

  // Whether the collateral is that of a trusted root, signed, not revoked and current, as far as
  // that can be said without a quote. What it finds good is not checked again for quotes.
  [[nodiscard]] base::Status check(const PreparedCollateral& collateral, base::UnixTime at) const;

  [[nodiscard]] VerifierStatistics statistics() const;

 private:
  struct Known;
  std::vector<TrustedRoot> roots_;
  std::shared_ptr<Known> known_;
};

// The names of all rules that `verify` with collateral applies, in order.
[[nodiscard]] std::vector<std::string_view> rule_names();

}  // namespace quoted::verification
