// What the simulated manufacturer builds and remembers of a platform.
#pragma once

#include <string>

#include "simulation/authority/certificate_authority.h"
#include "simulation/cpu/platform_cpu.h"
#include "simulation/pce/pce.h"

namespace quoted::simulation {

// FMSPCs of the simulation begin with these bytes, which Intel does not assign.
inline constexpr std::string_view kSimulatedFmspc = "ff53494d0000";  // ff "SIM" 00 00

// Facts of a model line and its present microcode.
struct PlatformModel {
  std::string name = "default";  // which machine of this world; another name, other fuses
  sgx::CpuSvn cpu_svn;
  std::uint16_t pce_isv_svn = kSimulatedPceIsvSvn;
  sgx::Fmspc fmspc;
  collateral::SgxType sgx_type = collateral::SgxType::kScalable;
  PckCa pck_ca = PckCa::kPlatform;
};

// A multi-package server at the newest level.
[[nodiscard]] PlatformModel default_platform_model();

// The SVNs that TCB levels compare; for TCB type 0 they are the bytes of the CPUSVN
// (quote-generation 5.3).
[[nodiscard]] collateral::TcbComponents components_of(const sgx::CpuSvn& cpu_svn);

// One machine: its CPU with the secrets burnt in. REPORT_KEYID is random at each boot.
struct ManufacturedPlatform {
  PlatformModel model;
  PlatformCpu cpu;
  sgx::Ppid ppid;
};

// What makes one machine differ from all others: all that its hardware keeps.
struct PlatformSecrets {
  Fuses fuses;
  sgx::OwnerEpoch owner_epoch;
};

// Of the machine of that name. Nothing of another one can be computed from them.
[[nodiscard]] base::Result<PlatformSecrets> platform_secrets(const MasterSeed& seed,
                                                             const std::string& name);

// The machine that has been given those secrets, just booted.
[[nodiscard]] base::Result<ManufacturedPlatform> assemble(const PlatformModel& model,
                                                          const PlatformSecrets& secrets);

[[nodiscard]] base::Result<ManufacturedPlatform> manufacture(const MasterSeed& seed,
                                                             const PlatformModel& model);

// The SGX extension that certifies `platform` at `tcb`.
[[nodiscard]] base::Result<collateral::SgxExtension> describe_platform(
    const MasterSeed& seed, const ManufacturedPlatform& platform, const Psvn& tcb);

}  // namespace quoted::simulation
