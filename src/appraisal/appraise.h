// Applies a policy to the findings of a verifier.
#pragma once

#include "appraisal/facts.h"

namespace quoted::appraisal {

enum class Outcome : std::uint8_t { kPassed, kFailed, kNotApplicable };

// A rule is called as the key of the policy that makes it: "platform.tcb_status",
// "enclave[0].mr_signer". Those that hold for every policy begin with "verdict.".
struct Rule {
  std::string name;
  Outcome outcome = Outcome::kNotApplicable;
  std::string observed;
  std::string expected;
};

struct Appraisal {
  bool accepted = false;
  std::vector<Rule> rules;
  std::string matched;  // "enclave[0]", "any_enclave"; empty when nothing matched

  // The rules by which it is refused; at least one unless it is accepted.
  [[nodiscard]] std::vector<const Rule*> refusing() const;
};

// No I/O and no clock: time is that of the verdict. A quote that the verifier refused is refused.
[[nodiscard]] Appraisal appraise(const Policy& policy, const Facts& facts);

}  // namespace quoted::appraisal
