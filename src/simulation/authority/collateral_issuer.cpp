#include "simulation/authority/collateral_issuer.h"

#include <algorithm>

#include "base/text.h"
#include "simulation/authority/utc_text.h"

namespace quoted::simulation {
namespace {

using base::Result;

const crypto::Certificate& certificate_of(const CertificateAuthority& authority,
                                          RevocableIssuer issuer) {
  switch (issuer) {
    case RevocableIssuer::kPlatformCa:
      return authority.ca(PckCa::kPlatform);
    case RevocableIssuer::kProcessorCa:
      return authority.ca(PckCa::kProcessor);
    case RevocableIssuer::kTcbSigning:
      break;
  }
  return authority.tcb_signing();
}

}  // namespace

Result<CollateralIssuer> CollateralIssuer::create(const CertificateAuthority& authority,
                                                  TcbState state, base::UnixTime now) {
  QUOTED_CHECK(check(state));
  const base::UnixTime from = state.issue_date.value_or(now);
  const Validity validity{from, from + std::chrono::days(static_cast<int>(state.valid_days))};
  if (!has_utc_text(from) || !has_utc_text(std::max(validity.to, from + kRootCrlLife))) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      base::text("collateral issued at ", from.time_since_epoch().count(),
                                 " seconds since 1970 would not lie between 1970 and 9999"));
  }
  return CollateralIssuer(authority, std::move(state), validity);
}

Result<std::string> CollateralIssuer::signed_by_authority(std::string_view name,
                                                          const std::string& text) const {
  QUOTED_TRY(const crypto::P256Signature signature,
             authority_.sign_tcb_document(base::as_bytes(text)));
  return signed_document(name, text, signature);
}

Result<std::string> CollateralIssuer::tcb_info(const sgx::Fmspc& fmspc,
                                               TcbInfoVersion version) const {
  return signed_by_authority("tcbInfo", tcb_info_text(state_, fmspc, version, validity_));
}

Result<std::string> CollateralIssuer::qe_identity() const {
  return signed_by_authority("enclaveIdentity", qe_identity_text(state_, validity_));
}

Result<base::Bytes> CollateralIssuer::pck_crl(PckCa by) const {
  CrlContent content{validity_.from, validity_.to, state_.pck_crl_number, {}};
  for (const crypto::SerialNumber& serial : state_.revoked_pcks) {
    content.revoked.push_back({serial, validity_.from, crypto::CrlReason::kKeyCompromise});
  }
  return authority_.issue_pck_crl(by, std::move(content));
}

Result<base::Bytes> CollateralIssuer::root_crl() const {
  CrlContent content{validity_.from,
                     std::max(validity_.to, validity_.from + kRootCrlLife),
                     state_.root_crl_number,
                     {}};
  for (const RevocableIssuer issuer : state_.revoked_issuers) {
    QUOTED_TRY(const auto serial,
               crypto::SerialNumber::parse(certificate_of(authority_, issuer).serial()));
    content.revoked.push_back({serial, validity_.from, crypto::CrlReason::kKeyCompromise});
  }
  return authority_.issue_root_crl(std::move(content));
}

}  // namespace quoted::simulation
