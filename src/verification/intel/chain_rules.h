// What the steps of Intel's verifier ask of certificates and CRLs (quote-verification 3, 4, 8, 9).
#pragma once

#include "base/clock.h"
#include "collateral/certificate_chain.h"
#include "crypto/crl.h"
#include "verification/rules.h"

namespace quoted::verification::intel {

// "'CN = Intel SGX Root CA, ...'", short and printable whatever the certificate says.
[[nodiscard]] std::string label(const crypto::DistinguishedName& name);
[[nodiscard]] std::string label(const crypto::Certificate& certificate);

[[nodiscard]] std::string utc(base::UnixTime time);

// `subject` names `issuer` and is signed by its key; else `status`.
[[nodiscard]] Finding issued(const crypto::Certificate& subject, const crypto::Certificate& issuer,
                             QvlStatus status);

// The root is self-signed; else RootCaInvalidIssuer.
[[nodiscard]] Finding self_signed(const crypto::Certificate& root);

// The configured root is one, and `root` is that very certificate; else TrustedRootCaInvalid or
// `status`. Certificates are compared by their signatures, as Intel's verifier does: the older
// issue of a root, with the same key, is another root.
[[nodiscard]] Finding trusted(const crypto::Certificate& root,
                              const crypto::Certificate* trusted_root, QvlStatus status);

// The CRL is the issuer's: 29, 31 or 32.
[[nodiscard]] Finding crl_of(const crypto::Crl& crl, const crypto::Certificate& issuer);

[[nodiscard]] Finding not_revoked(const crypto::Certificate& certificate, const crypto::Crl& crl,
                                  QvlStatus status);

// No certificate's notAfter is past; notBefore is not looked at.
[[nodiscard]] Finding not_expired(std::initializer_list<const crypto::Certificate*> certificates,
                                  base::UnixTime at, QvlStatus status);

// thisUpdate <= at <= nextUpdate, else CrlExpired.
[[nodiscard]] Finding current(const crypto::Crl& crl, std::string_view name, base::UnixTime at);

}  // namespace quoted::verification::intel
