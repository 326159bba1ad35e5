// Issues certificates of the SGX profile (quote-generation 5.1, 5.2): fixed name order, exactly
// the extensions of the profile in their order, ecdsa-with-SHA256.
#pragma once

#include <optional>
#include <string>

#include "crypto/certificate.h"

namespace quoted::crypto {

using KeyIdentifier = base::FixedBytes<struct KeyIdentifierTag, 20>;
using SerialNumber = base::FixedBytes<struct SerialNumberTag, 20>;

struct CertificateExtension {
  std::string oid;  // dotted
  base::Bytes value;
};

struct CertificateSpec {
  std::string subject_cn;
  std::string issuer_cn;
  SerialNumber serial;  // read as a positive number
  base::UnixTime not_before;
  base::UnixTime not_after;
  KeyIdentifier authority_key_id;
  KeyIdentifier subject_key_id;
  std::string crl_url;
  std::optional<long> ca_path_length;  // absent: not a CA; decides key usage too
  std::optional<CertificateExtension> extra;
};

[[nodiscard]] base::Result<Certificate> issue_certificate(const CertificateSpec& spec,
                                                          const P256PublicKey& subject_key,
                                                          const P256PrivateKey& issuer_key);

}  // namespace quoted::crypto
