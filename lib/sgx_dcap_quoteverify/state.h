// What the library keeps between calls: whom it trusts and which collateral it has read.
#pragma once

#include <string>
#include <vector>

#include "sgx_dcap_quoteverify/collateral_memory.h"
#include "verification/verifier.h"

namespace quoted::quoteverify {

// The roots that quotes may chain to: Intel's, or the one of QUOTED_TRUSTED_ROOT. Empty when that
// file is none.
struct Trust {
  std::vector<verification::TrustedRoot> roots;
  std::string announcement;  // for standard error, once; may be empty

  [[nodiscard]] static Trust from_environment();
};

class State {
 public:
  // Made by the first call that needs it. The caller is inside a ForkGate.
  [[nodiscard]] static State& current();

  [[nodiscard]] const Trust& trust() const { return trust_; }
  [[nodiscard]] const verification::Verifier& verifier() const { return verifier_; }
  [[nodiscard]] CollateralMemory& collaterals() { return collaterals_; }

 private:
  explicit State(Trust trust) : trust_(std::move(trust)), verifier_(trust_.roots) {}

  Trust trust_;
  verification::Verifier verifier_;
  CollateralMemory collaterals_;
};

}  // namespace quoted::quoteverify
