// What the library keeps between calls: whom it trusts and which collateral it has read.
#pragma once

#include <sys/types.h>

#include <memory>
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

// One for each process. A child of fork() makes its own, because at the moment of the fork another
// thread may have held a lock of the parent's; it does not look at the environment again.
class State {
 public:
  [[nodiscard]] static State& current();

  [[nodiscard]] const Trust& trust() const { return trust_; }
  [[nodiscard]] const verification::Verifier& verifier() const { return verifier_; }
  [[nodiscard]] CollateralMemory& collaterals() { return collaterals_; }

 private:
  State(pid_t process, Trust trust)
      : process_(process), trust_(std::move(trust)), verifier_(trust_.roots) {}

  pid_t process_;
  Trust trust_;
  verification::Verifier verifier_;
  CollateralMemory collaterals_;

  friend struct StateKeeper;
};

}  // namespace quoted::quoteverify
