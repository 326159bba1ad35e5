// Collateral with every document parsed once. What does not parse keeps its flaw, because which
// flaw counts depends on the step that looks.
#pragma once

#include "collateral/certificate_chain.h"
#include "collateral/collateral.h"
#include "collateral/qe_identity.h"
#include "collateral/tcb_info.h"
#include "crypto/crl.h"

namespace quoted::collateral {

struct ParsedCollateral {
  CertificatePool certificates;  // those of all chains
  Judged<CertificateChain> pck_crl_issuer_chain;
  Judged<crypto::Crl> root_ca_crl;
  Judged<crypto::Crl> pck_crl;
  Judged<CertificateChain> tcb_info_issuer_chain;
  Judged<TcbInfo> tcb_info;
  Judged<CertificateChain> qe_identity_issuer_chain;
  Judged<QeIdentity> qe_identity;
  // CRLs that are empty and texts with a NUL inside, by their names: no verifier takes those.
  std::vector<std::string_view> unusable;

  [[nodiscard]] static ParsedCollateral parse(const Collateral& collateral);
};

}  // namespace quoted::collateral
