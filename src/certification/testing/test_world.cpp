#include "certification/testing/test_world.h"

#include "simulation/pce/pck_key.h"
#include "simulation/testing/samples.h"

namespace quoted::certification::testing {
namespace {

using collateral::PckCa;

base::Bytes bytes_of(const std::string& text) { return base::to_bytes(base::as_bytes(text)); }

}  // namespace

TestWorld::TestWorld(unsigned char seed, base::UnixTime now)
    : state(simulation::default_tcb_state(simulation::default_platform_model())),
      issued(now - 24h),
      seed_(simulation::MasterSeed::parse(
                base::Bytes(simulation::kMasterSeedSize, static_cast<std::byte>(seed)))
                .value()),
      store_({}, [](const std::string&) {}),
      authority_(simulation::CertificateAuthority::create(seed_, now, store_).value()),
      platform_(simulation::manufacture(seed_, simulation::default_platform_model()).value()) {
  const auto key =
      simulation::derive_pck_key(
          platform_.cpu, simulation::simulated_pce_secs(platform_.model.pce_isv_svn), raw_tcb())
          .value();
  const auto leaf =
      authority_
          .issue_pck(simulation::describe_platform(seed_, platform_, raw_tcb()).value(),
                     key.public_key(), PckCa::kPlatform, seed_, store_)
          .value();
  pck_ = {platform_.cpu.cpu_svn(), platform_.model.pce_isv_svn, leaf.pem(),
          authority_.pck_issuer_chain_pem(PckCa::kPlatform)};
}

simulation::Psvn TestWorld::raw_tcb() const {
  return {platform_.cpu.cpu_svn(), platform_.model.pce_isv_svn};
}

Document TestWorld::document(const DocumentRequest& request) const {
  simulation::TcbState at_issue = state;
  at_issue.issue_date = issued;
  const auto issuer = simulation::CollateralIssuer::create(authority_, at_issue, issued).value();
  if (const auto* const crl = std::get_if<PckCrlRequest>(&request)) {
    return {issuer.pck_crl(crl->ca).value(), authority_.pck_issuer_chain_pem(crl->ca)};
  }
  if (std::holds_alternative<RootCaCrlRequest>(request)) return {issuer.root_crl().value(), {}};
  if (const auto* const tcb_info_request = std::get_if<TcbInfoRequest>(&request)) {
    return {bytes_of(issuer.tcb_info(tcb_info_request->fmspc).value()),
            authority_.tcb_issuer_chain_pem()};
  }
  return {bytes_of(issuer.qe_identity().value()), authority_.tcb_issuer_chain_pem()};
}

PckCertification TestWorld::pck() const { return pck_; }

PckRequest TestWorld::pck_request() const {
  return {sgx::QeId(), 0, platform_.cpu.cpu_svn(), platform_.model.pce_isv_svn,
          base::Bytes(384, std::byte{0x5A})};
}

void TestWorld::revoke_pck() {
  const auto platform = simulation::describe_platform(seed_, platform_, raw_tcb()).value();
  state.revoked_pcks.insert(simulation::pck_serial(platform, seed_).value());
  ++state.pck_crl_number;
}

std::vector<verification::TrustedRoot> TestWorld::roots() const {
  return {{"the root of the test", authority_.root().public_key()}};
}

RootCaCrlRequest TestWorld::root_crl() const { return {authority_.root().crl_urls().front()}; }

std::vector<DocumentRequest> TestWorld::requests() const {
  return {pck_crl(), root_crl(), tcb_info(), qe_identity()};
}

}  // namespace quoted::certification::testing
