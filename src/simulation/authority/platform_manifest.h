// How a simulated platform makes itself known to its manufacturer, as real multi-package platforms
// do with their manifest (pcs-api 3.9): a PPID cannot be mapped back to the machine it came from.
// The MAC says that whoever wrote it holds the master seed; nothing in it is secret.
#pragma once

#include <string_view>

#include "simulation/authority/manufacturer.h"

namespace quoted::simulation {

inline constexpr std::size_t kMaxPlatformName = 64;
inline constexpr std::size_t kMaxPlatformManifest = 128;

// 1 to 64 letters, digits and -_. and none of the latter first: it becomes part of file names and
// of what is derived from the seed.
[[nodiscard]] bool is_platform_name(std::string_view name);

// What of a model never changes with updates, which is all that a manifest holds.
struct PlatformIdentity {
  std::string name;
  sgx::Fmspc fmspc;
  collateral::SgxType sgx_type = collateral::SgxType::kScalable;
  PckCa pck_ca = PckCa::kPlatform;
  friend bool operator==(const PlatformIdentity&, const PlatformIdentity&) = default;
};

// InvalidArgument when the model has no proper name.
[[nodiscard]] base::Result<base::Bytes> serialize_platform_manifest(const MasterSeed& seed,
                                                                    const PlatformModel& model);

// Malformed, or BadSignature when it was made with another seed.
[[nodiscard]] base::Result<PlatformIdentity> parse_platform_manifest(const MasterSeed& seed,
                                                                     base::ByteView manifest);

}  // namespace quoted::simulation
