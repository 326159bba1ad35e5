// What a policy says of a verdict, for people and for scripts.
#pragma once

#include <string>

#include "appraisal/appraise.h"
#include "quotectl/describe_sgx.h"
#include "verification/verdict.h"

namespace quoted::quotectl {

// A policy, where it was read from, and what it said.
struct Appraised {
  const appraisal::Policy& policy;
  const std::string& file;
  const appraisal::Appraisal& appraisal;
};

// "'payments' (policy.toml)", or "policy.toml".
[[nodiscard]] std::string policy_label(const appraisal::Policy& policy, const std::string& file);

// "platform.tcb_status: OutOfDate, expected UpToDate"
[[nodiscard]] std::string rule_text(const appraisal::Rule& rule);

// Leads with ACCEPTED BY POLICY or REFUSED BY POLICY, or with what `verdict_text` leads with when
// the verifier refused; all of it follows.
[[nodiscard]] std::string appraised_text(const verification::Verdict& verdict,
                                         const Appraised& appraised, bool verbose);

// {"decision": ..., "appraisal": ..., "verdict": what `verdict_json` gives}. The verdict is a
// member so that nobody takes its "verified" for the decision.
[[nodiscard]] Json appraised_json(const verification::Verdict& verdict, const Appraised& appraised);

}  // namespace quoted::quotectl
