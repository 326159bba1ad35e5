// Which enclave or TD a policy takes.
#pragma once

#include "appraisal/rule_list.h"

namespace quoted::appraisal {

// The alternative that the quote's body matches, "enclave[0]", or empty. When none matches, the
// rules of each say why; when one does, only its own count.
[[nodiscard]] std::string check_workload(const Policy& policy, const Facts& facts, RuleList& rules);

}  // namespace quoted::appraisal
