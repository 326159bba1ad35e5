#include "simulation/authority/platform_level.h"

#include <algorithm>

namespace quoted::simulation {

using base::Result;

Psvn psvn_of(const TcbLevel& level) {
  Psvn out;
  std::ranges::transform(level.components, out.cpu_svn.mutable_view().begin(),
                         [](std::uint8_t svn) { return static_cast<std::byte>(svn); });
  out.isv_svn = level.pce_svn;
  return out;
}

Result<ManufacturedPlatform> manufacture_at(const MasterSeed& seed,
                                            const PlatformIdentity& identity, const Psvn& level) {
  PlatformModel model;
  model.name = identity.name;
  model.fmspc = identity.fmspc;
  model.sgx_type = identity.sgx_type;
  model.pck_ca = identity.pck_ca;
  model.cpu_svn = level.cpu_svn;
  model.pce_isv_svn = level.isv_svn;
  return manufacture(seed, model);
}

}  // namespace quoted::simulation
