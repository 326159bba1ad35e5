// Signed documents, CRLs and what else is the same for every platform of a line (pcs-api 3.3 to
// 3.8, 6.2). Private to the service.
#pragma once

#include "http/response.h"
#include "simulation/authority/collateral_issuer.h"
#include "simulation/pcs_server/call.h"
#include "simulation/pcs_server/issued_documents.h"
#include "simulation/pcs_server/parameters.h"

namespace quoted::simulation {

// Usable from many threads. What it is given must outlive it.
class DocumentEndpoints {
 public:
  DocumentEndpoints(const CertificateAuthority& authority, IssuedDocuments& issued)
      : authority_(authority), issued_(issued) {}

  [[nodiscard]] base::Result<http::Response> tcb_info(const Call& call);
  [[nodiscard]] base::Result<http::Response> qe_identity(const Call& call);
  // There is no simulated Quote Verification Enclave, so there is nothing to say of it.
  [[nodiscard]] base::Result<http::Response> qve_identity(const Call& call);
  [[nodiscard]] base::Result<http::Response> evaluation_numbers(const Call& call);
  [[nodiscard]] base::Result<http::Response> fmspcs(const Call& call);

  [[nodiscard]] base::Result<http::Response> pck_crl(const Call& call);
  // Where certificates of this world say that their CRL is: always DER.
  [[nodiscard]] base::Result<http::Response> distribution_point(const Call& call);
  // PCCS's rootcacrl and crl?uri=.
  [[nodiscard]] base::Result<http::Response> root_crl_hex(const Call& call);
  [[nodiscard]] base::Result<http::Response> crl_by_uri(const Call& call);

  [[nodiscard]] base::Result<http::Response> root_crl_der(const Call& call);
  [[nodiscard]] base::Result<http::Response> root_crl_pem(const Call& call);
  [[nodiscard]] base::Result<http::Response> root_der(const Call& call);
  [[nodiscard]] base::Result<http::Response> root_pem(const Call& call);

 private:
  using Issue = std::function<base::Result<std::string>(const CollateralIssuer& issuer)>;
  // Of `state`, with all faults of the call that are about documents.
  [[nodiscard]] base::Result<std::string> document(const Call& call, const TcbState& state,
                                                   std::string name, std::string content,
                                                   std::chrono::seconds life, const Issue& issue);
  [[nodiscard]] base::Result<std::string> pck_crl_der(const Call& call, PckCa ca);
  [[nodiscard]] base::Result<std::string> root_crl(const Call& call);
  [[nodiscard]] http::Response signed_reply(const Call& call, std::string_view chain_header,
                                            std::string body) const;
  [[nodiscard]] http::Response pck_crl_reply(const Call& call, PckCa ca, std::string der,
                                             bool as_der) const;

  const CertificateAuthority& authority_;
  IssuedDocuments& issued_;
};

}  // namespace quoted::simulation
