// The file `simulated-provision`: the provisioning device of a simulated machine. It holds what the
// hardware knows, so whoever can read it can host QE and PCE of that machine: reading it is the
// provisioning right. The master seed and other machines cannot be computed from it.
#pragma once

#include <filesystem>

#include "base/secret_bytes.h"
#include "simulation/authority/manufacturer.h"
#include "simulation/node/node_state.h"

namespace quoted::simulation {

// Below the state directory of quoted.
inline constexpr std::string_view kProvisionFileName = "simulated-provision";

struct Provision {
  PlatformModel model;
  std::uint16_t qe_isv_svn = 0;
  PlatformSecrets secrets;

  [[nodiscard]] NodeLevel level() const {
    return {.cpu_svn = model.cpu_svn, .pce_isv_svn = model.pce_isv_svn, .qe_isv_svn = qe_isv_svn};
  }
};

// Of the default model's machine `name` of that seed's world, at `level`.
[[nodiscard]] base::Result<Provision> provision_for(const MasterSeed& seed, const std::string& name,
                                                    const NodeLevel& level);

[[nodiscard]] base::SecretBytes serialize_provision(const Provision& provision);

// Malformed names the line at fault.
[[nodiscard]] base::Result<Provision> parse_provision(base::ByteView text);

// ProvisioningRefused when it cannot be read, Malformed.
[[nodiscard]] base::Result<Provision> load_provision(const std::filesystem::path& path);

// Readable for the owner alone when it is new; group and mode that an operator gave it stay.
[[nodiscard]] base::Status save_provision(const std::filesystem::path& path,
                                          const Provision& provision);

}  // namespace quoted::simulation
