// What a policy means, in plain sentences.
#pragma once

#include "appraisal/policy.h"

namespace quoted::appraisal {

// Those about alternatives come last and begin with their name, "enclave[0]".
[[nodiscard]] std::vector<std::string> explain(const Policy& policy);

}  // namespace quoted::appraisal
