// A platform at one of its TCB levels, as its manufacturer builds it again from the seed.
#pragma once

#include "simulation/authority/platform_manifest.h"
#include "simulation/authority/tcb_state.h"

namespace quoted::simulation {

[[nodiscard]] Psvn psvn_of(const TcbLevel& level);

[[nodiscard]] base::Result<ManufacturedPlatform> manufacture_at(const MasterSeed& seed,
                                                                const PlatformIdentity& identity,
                                                                const Psvn& level);

}  // namespace quoted::simulation
