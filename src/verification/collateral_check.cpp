#include <algorithm>

#include "base/text.h"
#include "verification/intel/chain_rules.h"
#include "verification/intel/steps.h"
#include "verification/verifier.h"

namespace quoted::verification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Status;
using base::text;
using collateral::CertificateChain;
using collateral::ParsedCollateral;

base::Result<const crypto::Certificate*> find_trusted(const CertificateChain& chain,
                                                      const std::vector<TrustedRoot>& roots) {
  const crypto::Certificate* const root = chain.root();
  if (root == nullptr) {
    return fail(ErrorCode::kIssuerChainInvalid, "the TCB info issuer chain has no root");
  }
  QUOTED_CHECK(require_root(roots, *root, "the collateral"));
  return root;
}

Status judge(const Finding& finding) {
  if (finding) return {};
  const ErrorCode code = error_code_of(finding.error().status);
  return fail(code == ErrorCode::kChainInvalid ? ErrorCode::kIssuerChainInvalid : code,
              finding.error().detail);
}

// What a step said that was not good.
Status first_flaw(QvlStatus status, const std::vector<Check>& checks) {
  if (status == QvlStatus::kOk) return {};
  const auto found = std::ranges::find(checks, status, &Check::status);
  return judge(flaw(status, found == checks.end() ? std::string() : found->detail));
}

Status check_pck_crl(const ParsedCollateral& parts, const crypto::Certificate& root,
                     base::UnixTime at) {
  const crypto::Certificate* const issuer = parts.pck_crl_issuer_chain->intermediate();
  if (issuer == nullptr) {
    return fail(ErrorCode::kIssuerChainInvalid, "the PCK CRL issuer chain has no CA but a root");
  }
  QUOTED_CHECK(judge(intel::issued(*issuer, root, QvlStatus::kIntermediateCaInvalidIssuer)));
  QUOTED_CHECK(
      judge(intel::not_revoked(*issuer, *parts.root_ca_crl, QvlStatus::kIntermediateCaRevoked)));
  QUOTED_CHECK(judge(intel::crl_of(*parts.pck_crl, *issuer)));
  QUOTED_CHECK(judge(intel::not_expired({issuer}, at, QvlStatus::kPckCertChainExpired)));
  return judge(intel::current(*parts.pck_crl, "the PCK CRL", at));
}

}  // namespace

Status Verifier::check(const PreparedCollateral& collateral, base::UnixTime at) const {
  const ParsedCollateral& parts = collateral.parsed();
  QUOTED_CHECK(collateral.all_parsed());
  QUOTED_TRY(const crypto::Certificate* const root,
             find_trusted(*parts.tcb_info_issuer_chain, roots_));
  std::vector<Check> checks;
  const QvlStatus tcb_info = run(
      intel::TcbInfoStep{parts.tcb_info, parts.tcb_info_issuer_chain, parts.root_ca_crl, root, at},
      checks);
  QUOTED_CHECK(first_flaw(tcb_info, checks));
  checks.clear();
  const QvlStatus qe_identity =
      run(intel::QeIdentityStep{parts.qe_identity, parts.qe_identity_issuer_chain,
                                parts.root_ca_crl, root, at},
          checks);
  QUOTED_CHECK(first_flaw(qe_identity, checks));
  return check_pck_crl(parts, *root, at);
}

}  // namespace quoted::verification
