// A simulated PKI with one platform, and the documents that its manufacturer would serve. For
// tests.
#pragma once

#include <memory>

#include "certification/documents.h"
#include "simulation/authority/collateral_issuer.h"
#include "verification/trusted_root.h"

namespace quoted::certification::testing {

using namespace std::chrono_literals;

inline constexpr base::UnixTime kNow =
    std::chrono::sys_days(std::chrono::year(2026) / std::chrono::July / 1);

class TestWorld {
 public:
  // Each `seed` is another PKI; documents are a day old at `now`.
  explicit TestWorld(unsigned char seed = 1, base::UnixTime now = kNow);

  // The manufacturer's state: what it says from now on.
  simulation::TcbState state;
  // When it issues the documents it is asked for.
  base::UnixTime issued;

  [[nodiscard]] Document document(const DocumentRequest& request) const;
  // For the platform at its own TCB.
  [[nodiscard]] PckCertification pck() const;
  [[nodiscard]] PckRequest pck_request() const;
  // In CRLs issued from now on.
  void revoke_pck();

  [[nodiscard]] std::vector<verification::TrustedRoot> roots() const;
  [[nodiscard]] const simulation::CertificateAuthority& authority() const { return authority_; }
  [[nodiscard]] sgx::Fmspc fmspc() const { return platform_.model.fmspc; }

  [[nodiscard]] PckCrlRequest pck_crl() const { return {collateral::PckCa::kPlatform}; }
  [[nodiscard]] RootCaCrlRequest root_crl() const;
  [[nodiscard]] TcbInfoRequest tcb_info() const { return {collateral::Tee::kSgx, fmspc()}; }
  [[nodiscard]] EnclaveIdentityRequest qe_identity() const { return {EnclaveIdentity::kQe}; }
  // The four of them.
  [[nodiscard]] std::vector<DocumentRequest> requests() const;

 private:
  [[nodiscard]] simulation::Psvn raw_tcb() const;

  simulation::MasterSeed seed_;
  simulation::CertificateStore store_;
  simulation::CertificateAuthority authority_;
  simulation::ManufacturedPlatform platform_;
  PckCertification pck_;
};

}  // namespace quoted::certification::testing
