// Reads [platform] of a policy.
#pragma once

#include "appraisal/policy.h"
#include "config/table_reader.h"

namespace quoted::appraisal {

// The defaults when there is no such table.
[[nodiscard]] PlatformPolicy read_platform(std::optional<config::TableReader> table);

}  // namespace quoted::appraisal
