// From when to when the collateral counts, as Intel's verifier reckons (quote-verification 14, 18).
#pragma once

#include "verification/intel/one_call.h"
#include "verification/validity.h"

namespace quoted::verification::intel {

// Sets issue and expiration dates and the expiration status. Every part must have been parsed.
void take_validity(CollateralVerdict& verdict, const OneCall& call);

}  // namespace quoted::verification::intel
