#include "quoted/preflight_collateral.h"

#include "quoted/simulated.h"
#include "simulation/authority/collateral_issuer.h"

namespace quoted::app {
namespace {

using base::Bytes;
using base::Result;
using verification::PreparedCollateral;

// Where the simulated platform keeps its manufacturer's certificates.
constexpr std::string_view kAuthorityDir = "authority";

Bytes bytes_of(const std::string& text) { return base::to_bytes(base::as_bytes(text)); }

// What the manufacturer in the daemon would say: it has never met a TCB recovery.
Result<PreparedCollateral> issued(const std::filesystem::path& state_dir,
                                  const simulation::MasterSeed& seed, base::UnixTime now,
                                  const collateral::PckCertificate& pck) {
  const simulation::CertificateStore store(
      state_dir / kAuthorityDir, [](const std::string&) {},
      simulation::CertificateStore::Saving::kOnlyAdd);
  QUOTED_TRY(const auto authority, simulation::CertificateAuthority::create(seed, now, store));
  simulation::PlatformModel model = simulation::default_platform_model();
  model.fmspc = pck.sgx().fmspc;
  QUOTED_TRY(const auto issuer, simulation::CollateralIssuer::create(
                                    authority, simulation::default_tcb_state(model), now));
  QUOTED_TRY(const std::string tcb_info, issuer.tcb_info(model.fmspc));
  QUOTED_TRY(const std::string qe_identity, issuer.qe_identity());
  collateral::Collateral out;
  out.tcb_info = bytes_of(tcb_info);
  out.qe_identity = bytes_of(qe_identity);
  QUOTED_TRY(out.pck_crl, issuer.pck_crl(model.pck_ca));
  QUOTED_TRY(out.root_ca_crl, issuer.root_crl());
  out.tcb_info_issuer_chain = bytes_of(authority.tcb_issuer_chain_pem());
  out.qe_identity_issuer_chain = out.tcb_info_issuer_chain;
  out.pck_crl_issuer_chain = bytes_of(authority.pck_issuer_chain_pem(model.pck_ca));
  return PreparedCollateral::prepare(out);
}

Result<PreparedCollateral> fetched(const Options& candidate, const simulation::MasterSeed& seed,
                                   const base::Clock& clock,
                                   const collateral::PckCertificate& pck) {
  QUOTED_TRY(const auto make, make_certification(candidate, seed, clock));
  certification::ServiceObserver nobody;
  QUOTED_TRY(const auto service, make(nobody));
  const bool processor = pck.certificate().issuer_cn() == collateral::kProcessorCaCn;
  QUOTED_TRY(const auto answer,
             service->collateral(
                 {.tee = collateral::Tee::kSgx,
                  .fmspc = pck.sgx().fmspc,
                  .ca = processor ? collateral::PckCa::kProcessor : collateral::PckCa::kPlatform},
                 certification::Freshness::kCacheFirst));
  return PreparedCollateral::prepare(answer.value);
}

}  // namespace

preflight::CollateralFinder collateral_finder(const Options& candidate,
                                              const simulation::MasterSeed& seed,
                                              const base::Clock& clock) {
  if (candidate.collateral) {
    return [candidate, &seed, &clock](const collateral::PckCertificate& pck) {
      return fetched(candidate, seed, clock, pck);
    };
  }
  if (candidate.state_dir.empty()) return {};
  return [state_dir = candidate.state_dir, &seed, &clock](const collateral::PckCertificate& pck) {
    return issued(state_dir, seed, clock.now(), pck);
  };
}

}  // namespace quoted::app
