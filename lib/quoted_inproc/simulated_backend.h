// In-process quoting on the simulated platform, for machines without SGX. It has no security and
// says so.
#pragma once

#include <memory>

#include "quoted_inproc/backend.h"

namespace quoted::inproc {

// For the machine of the provisioning file that QUOTED_SIMULATED_PROVISION names, or of
// /var/lib/quoted/simulated-provision. Opens nothing yet. One for a process (epc_ledger.h says
// why).
[[nodiscard]] Answer<std::unique_ptr<Backend>> open_simulated_backend();

}  // namespace quoted::inproc
