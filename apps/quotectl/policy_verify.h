// The part of `verify` that a policy decides.
#pragma once

#include <optional>
#include <string>

#include "appraisal/policy.h"
#include "base/result.h"
#include "quotectl/exit_codes.h"
#include "verification/verdict.h"

namespace quoted::quotectl {

// Which flags stand beside --policy.
struct PolicyFlags {
  bool collateral = false;
  bool compat = false;
  bool allow_debug = false;
};

// The policy of `file`, or nothing without one. InvalidArgument for flags that it excludes.
[[nodiscard]] base::Result<std::optional<appraisal::Policy>> policy_for_verify(
    const std::optional<std::string>& file, const PolicyFlags& flags);

struct PolicyOutput {
  bool json = false;
  bool verbose = false;
};

// Appraises and prints: 0 when accepted, whatever the verifier warns of, else 2.
[[nodiscard]] base::Result<ExitCode> print_appraised(const appraisal::Policy& policy,
                                                     const std::string& file,
                                                     const verification::Verdict& verdict,
                                                     const PolicyOutput& output);

}  // namespace quoted::quotectl
