#include "simulation/pcs_server/platform_certificates.h"

#include "base/byte_reader.h"
#include "base/text.h"
#include "collateral/pck_selection.h"
#include "simulation/authority/collateral_documents.h"
#include "simulation/pcs_server/reply.h"

namespace quoted::simulation {
namespace {

using base::Result;

constexpr std::size_t kMaxInMemory = 4096;  // more are in the store

// As a reader of the document has it.
collateral::TcbInfo tcb_info_of(const PlatformIdentity& identity, const TcbState& state) {
  collateral::TcbInfo out;
  out.version = static_cast<std::uint32_t>(TcbInfoVersion::k3);
  out.fmspc = identity.fmspc;
  for (const TcbLevel& level : state.levels) {
    collateral::TcbLevel& read = out.levels.emplace_back();
    read.sgx_components = level.components;
    read.pce_svn = level.pce_svn;
    read.status = level.verdict.status;
  }
  return out;
}

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

Result<PlatformCertificates::Chosen> PlatformCertificates::choose(const PlatformIdentity& identity,
                                                                  const TcbState& state,
                                                                  const Psvn& raw) {
  std::vector<collateral::PckCertificate> candidates;
  for (const TcbLevel& level : state.levels) {
    QUOTED_TRY(crypto::Certificate issued, certificate(identity, psvn_of(level)));
    QUOTED_TRY(auto candidate, collateral::PckCertificate::create(std::move(issued)));
    candidates.push_back(std::move(candidate));
  }
  QUOTED_TRY(const std::size_t chosen,
             collateral::select_pck_certificate({raw.cpu_svn, raw.isv_svn, sgx::PceId()},
                                                tcb_info_of(identity, state), candidates));
  return Chosen{psvn_of(state.levels[chosen]), candidates[chosen].certificate()};
}

}  // namespace quoted::simulation
