// Issues the collateral of a simulated world: what a verifier asks the manufacturer for, as the PCS
// serves it (pcs-api 5).
#pragma once

#include "simulation/authority/collateral_documents.h"

namespace quoted::simulation {

// The root's CRL lives about a year (quote-generation 5.4), and never shorter than the others.
inline constexpr std::chrono::days kRootCrlLife(365);

class CollateralIssuer {
 public:
  // Documents begin at the issue date of `state`, else at `now`. Malformed when `check` refuses the
  // state; InvalidArgument when a date lies outside of what documents can write, 1970 to 9999.
  // `authority` must outlive it.
  [[nodiscard]] static base::Result<CollateralIssuer> create(const CertificateAuthority& authority,
                                                             TcbState state, base::UnixTime now);

  // {"tcbInfo":{...},"signature":"..."}
  [[nodiscard]] base::Result<std::string> tcb_info(
      const sgx::Fmspc& fmspc, TcbInfoVersion version = TcbInfoVersion::k3) const;
  // {"enclaveIdentity":{...},"signature":"..."}
  [[nodiscard]] base::Result<std::string> qe_identity() const;
  // DER.
  [[nodiscard]] base::Result<base::Bytes> pck_crl(PckCa by) const;
  [[nodiscard]] base::Result<base::Bytes> root_crl() const;

  [[nodiscard]] base::UnixTime issue_date() const { return validity_.from; }

  // Issuer chains are the authority's: tcb_issuer_chain_pem, pck_issuer_chain_pem.

 private:
  CollateralIssuer(const CertificateAuthority& authority, TcbState state, Validity validity)
      : authority_(authority), state_(std::move(state)), validity_(validity) {}
  [[nodiscard]] base::Result<std::string> signed_by_authority(std::string_view name,
                                                              const std::string& text) const;

  const CertificateAuthority& authority_;
  TcbState state_;
  Validity validity_;
};

}  // namespace quoted::simulation
