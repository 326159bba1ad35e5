// What the strict verifier refuses although Intel's lets it pass. docs/verification.md gives the
// reason of each.
#pragma once

#include "verification/intel/one_call.h"

namespace quoted::verification {

struct StrictOptions {
  bool allow_debug = false;
};

// The rules that the quote and its collateral do not meet, in order. For a call that did not fail:
// everything has been parsed.
[[nodiscard]] std::vector<Difference> find_differences(const intel::OneCall& call,
                                                       const StrictOptions& options,
                                                       std::vector<Check>& checks);

[[nodiscard]] std::vector<std::string_view> strict_rule_names();

}  // namespace quoted::verification
