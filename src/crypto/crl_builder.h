// Issues CRLs of the SGX profile (quote-generation 5.4): version 2, ecdsa-with-SHA256, CRL number
// and authority key id in the order of the real ones, the field of revoked certificates left out
// when there are none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/certificate_builder.h"

namespace quoted::crypto {

// RFC 5280 5.3.1; the only one that occurs in this PKI.
enum class CrlReason : std::uint8_t { kKeyCompromise = 1 };

struct RevokedCertificate {
  SerialNumber serial;  // read as a positive number
  base::UnixTime date;
  std::optional<CrlReason> reason;
};

struct CrlSpec {
  std::string issuer_cn;
  base::UnixTime this_update;
  base::UnixTime next_update;
  std::uint32_t number = 1;
  KeyIdentifier authority_key_id;
  std::vector<RevokedCertificate> revoked;
  std::optional<CertificateExtension> critical_extra;  // none in the profile
};

// The DER.
[[nodiscard]] base::Result<base::Bytes> issue_crl(const CrlSpec& spec,
                                                  const P256PrivateKey& issuer_key);

}  // namespace quoted::crypto
