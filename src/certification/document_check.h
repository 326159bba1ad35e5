// What one document must be before it may enter the cache: genuine, which holds for ever, and
// current, which the clock decides. Sources and the disk are trusted for nothing.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "certification/documents.h"
#include "collateral/pck_certificate.h"
#include "crypto/crl.h"
#include "verification/trusted_root.h"

namespace quoted::certification {

// A document may be this much younger than our clock says: machines without a synchronised clock
// are a little slow, and services issue documents at the moment they are asked.
inline constexpr std::chrono::minutes kSlowClock{10};

// Which of two documents that answer one request is the newer. PCK certificates have none: a TCB
// recovery may well choose one that was issued earlier.
struct Edition {
  base::Bytes number;  // evaluation data number or CRL number, big-endian without leading zeros
  base::UnixTime issued;
};

[[nodiscard]] bool is_older(const Edition& a, const Edition& b);

// What a genuine document says of itself and by whom.
struct DocumentFacts {
  Edition edition;
  // The document's own dates and those of all certificates behind it, taken together.
  base::UnixTime valid_from;
  base::UnixTime valid_until;
  crypto::P256Point root_key;
  // Issuer and root; only the key is known of the root of a root CA CRL.
  std::vector<crypto::Certificate> issuers;
  std::optional<crypto::Crl> crl;                 // a CRL
  std::optional<collateral::PckCertificate> pck;  // a PCK certificate, with its CA
  collateral::PckCa ca = collateral::PckCa::kPlatform;
};

class DocumentCheck {
 public:
  explicit DocumentCheck(std::vector<verification::TrustedRoot> roots) : roots_(std::move(roots)) {}

  // Whatever the time. RootNotTrusted, SimulatedRootNotTrusted, IssuerChainInvalid, TcbInfoInvalid,
  // TcbInfoSignatureInvalid, QeIdentityInvalid, QeIdentitySignatureInvalid, BadCrl, CrlInvalid, or
  // CollateralMismatch for a document that was not asked for.
  [[nodiscard]] base::Result<DocumentFacts> examine(const DocumentRequest& request,
                                                    const Document& document) const;
  // RootNotTrusted, SimulatedRootNotTrusted, ChainInvalid, or PckSelectionFailed for a certificate
  // that is not one of this platform at this TCB.
  [[nodiscard]] base::Result<DocumentFacts> examine(const PckRequest& request,
                                                    const PckCertification& certification) const;

 private:
  std::vector<verification::TrustedRoot> roots_;
};

// In each of these `what` names the document in messages.

// CollateralExpired or CollateralNotYetValid.
[[nodiscard]] base::Status check_current(const DocumentFacts& facts, std::string_view what,
                                         base::UnixTime at);

// CertificateRevoked. A CRL that is null, or of another issuer, revokes nothing.
[[nodiscard]] base::Status check_not_revoked(const DocumentFacts& facts, std::string_view what,
                                             const DocumentFacts* root_crl,
                                             const DocumentFacts* pck_crl);

// PckSelectionFailed when the certificates are those of two platforms. The QE id does not stand in
// them, so only another certificate for the same QE id tells.
[[nodiscard]] base::Status check_same_platform(const DocumentFacts& offered,
                                               const DocumentFacts& cached);

// CollateralExpired when `offered` is an older edition than `cached`, which still counts: whoever
// can answer for a source must not be able to bring back a TCB that has been given up since.
// Roots count their editions each on its own.
[[nodiscard]] base::Status check_no_rollback(const DocumentFacts& offered,
                                             const DocumentFacts& cached, std::string_view what,
                                             base::UnixTime at);

}  // namespace quoted::certification
