// Reads [[enclave]] and [[td]] of a policy.
#pragma once

#include "appraisal/policy.h"
#include "config/table_reader.h"

namespace quoted::appraisal {

[[nodiscard]] EnclaveAlternative read_enclave(config::TableReader& table);
[[nodiscard]] TdAlternative read_td(config::TableReader& table);

}  // namespace quoted::appraisal
