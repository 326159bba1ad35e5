#include "simulation/pcs_server/platform_certificates.h"

#include "base/byte_reader.h"
#include "base/text.h"
#include "simulation/pcs_server/reply.h"

namespace quoted::simulation {
namespace {

using base::Result;

constexpr std::size_t kMaxInMemory = 4096;  // more are in the store

}  // namespace

std::string tcbm_text(const Psvn& level) {
  return upper_case(base::to_hex(base::struct_bytes(level)));
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
