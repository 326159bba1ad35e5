// What Intel's supplemental data need beside the verdict (quote-verification 18).
#pragma once

#include "verification/intel/one_call.h"

namespace quoted::verification::intel {

// Sets the verdict's supplemental facts, for a call that did not fail.
void take_supplemental_facts(CollateralVerdict& verdict, const OneCall& call);

}  // namespace quoted::verification::intel
