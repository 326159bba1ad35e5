#include "simulation/pcs_server/platform_certificates.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/text.h"
#include "simulation/pcs_server/reply.h"

namespace quoted::simulation {
namespace {

using base::Result;

constexpr std::size_t kMaxInMemory = 4096;  // more are in the store

}  // namespace

Psvn psvn_of(const TcbLevel& level) {
  Psvn out;
  std::ranges::transform(level.components, out.cpu_svn.mutable_view().begin(),
                         [](std::uint8_t svn) { return static_cast<std::byte>(svn); });
  out.isv_svn = level.pce_svn;
  return out;
}

std::string tcbm_text(const Psvn& level) {
  return upper_case(base::to_hex(base::struct_bytes(level)));
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

Result<crypto::Certificate> PlatformCertificates::certificate(const PlatformIdentity& identity,
                                                              const Psvn& level) {
  QUOTED_TRY(const ManufacturedPlatform platform, manufacture_at(seed_, identity, level));
  QUOTED_TRY(const collateral::SgxExtension description, describe_platform(seed_, platform, level));
  const std::string key = base::to_hex(description.serialize());
  // Held while signing: two threads must not issue two certificates that differ.
  const std::scoped_lock lock(mutex_);
  if (const auto known = issued_.find(key); known != issued_.end()) return known->second;
  QUOTED_TRY(const crypto::P256PrivateKey pck,
             derive_pck_key(platform.cpu, simulated_pce_secs(level.isv_svn), level));
  QUOTED_TRY(crypto::Certificate out,
             authority_.issue_pck(description, pck.public_key(), identity.pck_ca, seed_, store_));
  if (issued_.size() >= kMaxInMemory) issued_.clear();
  issued_.emplace(key, out);
  return out;
}

}  // namespace quoted::simulation
