// The simulated platform, for machines without SGX. It has no security and says so.
#pragma once

#include <memory>

#include "quoted_inproc/backend.h"

namespace quoted::inproc {

[[nodiscard]] Answer<std::unique_ptr<Backend>> open_simulated_backend();

}  // namespace quoted::inproc
