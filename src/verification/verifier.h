// Judges a quote. With collateral: the whole algorithm for SGX and TDX, for Intel's quotes and for
// those of any other root that is named. Without: structure, PCK chain to a trusted root key, PCK
// signature on the QE report, QE report binding, attestation signature; the verdict then says what
// was not looked at. No I/O and no clock of its own. Immutable, usable from many threads.
#pragma once

#include "verification/prepared_collateral.h"
#include "verification/strict_rules.h"
#include "verification/trusted_root.h"
#include "verification/verdict.h"

namespace quoted::verification {

struct VerifyOptions {
  Mode mode = Mode::kStrict;
  bool allow_debug = false;  // strict only: an enclave or TD that can be debugged is a warning
  // Intel's only: the call also fails where its supplemental data have no room for the advisories.
  bool advisory_list = true;
};

class Verifier {
 public:
  explicit Verifier(std::vector<TrustedRoot> roots) : roots_(std::move(roots)) {}

  // Never fail: what cannot be judged is refused, with the reason in the verdict.
  [[nodiscard]] Verdict verify(base::ByteView quote, base::UnixTime at) const;
  [[nodiscard]] Verdict verify(base::ByteView quote, const collateral::ParsedCollateral& collateral,
                               base::UnixTime at, const VerifyOptions& options) const;
  [[nodiscard]] Verdict verify(base::ByteView quote, const PreparedCollateral& collateral,
                               base::UnixTime at, const VerifyOptions& options) const;

 private:
  std::vector<TrustedRoot> roots_;
};

// The names of all rules that `verify` with collateral applies, in order.
[[nodiscard]] std::vector<std::string_view> rule_names();

}  // namespace quoted::verification
