#include "collateral/pck_certificate.h"

#include <algorithm>

#include "base/text.h"

namespace quoted::collateral {

using base::ErrorCode;
using base::fail;
using base::text;

bool is_marked_simulated(const crypto::Certificate& certificate) {
  return std::ranges::any_of(certificate.crl_urls(), [](const std::string& url) {
    return url.find(kSimulatedMarker) != std::string::npos;
  });
}

base::Result<PckCertificate> PckCertificate::create(crypto::Certificate certificate) {
  if (certificate.is_ca()) {
    return fail(ErrorCode::kBadCertificate,
                text("'", certificate.subject(), "' is a CA, not a PCK certificate"));
  }
  const auto content = certificate.extension(kSgxExtensionOid);
  if (!content) {
    return fail(ErrorCode::kBadCertificate,
                text("'", certificate.subject(), "' does not have exactly one SGX extension (",
                     kSgxExtensionOid, ")"));
  }
  auto sgx = SgxExtension::parse(*content);
  if (!sgx) return fail(ErrorCode::kBadCertificate, sgx.error().message());
  return PckCertificate(std::move(certificate), *std::move(sgx));
}

Judged<PckCertificate> PckCertificate::judge(crypto::Certificate certificate) {
  const auto content = certificate.extension(kSgxExtensionOid);
  if (!content || !SgxExtension::is_complete(*content)) {
    return flaw(
        QvlStatus::kPckInvalidExtensions,
        text("'", certificate.subject(), "' has no whole SGX extension (", kSgxExtensionOid, ")"));
  }
  auto sgx = SgxExtension::parse(*content, SvnRange::kLowBits);
  if (!sgx) return flaw(QvlStatus::kUnsupportedCertFormat, sgx.error().message());
  return PckCertificate(std::move(certificate), *std::move(sgx));
}

}  // namespace quoted::collateral
