// By which collateral a preflight judges the candidate's quotes: that of the manufacturer in the
// candidate itself, or of the sources it is configured with.
#pragma once

#include "preflight/quote_checks.h"
#include "quoted/options.h"
#include "simulation/authority/master_seed.h"

namespace quoted::app {

// Of a candidate with these options; empty when it has neither sources nor a state of its own. The
// seed and the clock outlive it.
[[nodiscard]] preflight::CollateralFinder collateral_finder(const Options& candidate,
                                                            const simulation::MasterSeed& seed,
                                                            const base::Clock& clock);

}  // namespace quoted::app
