// What certificates and CRLs are made of, for the .cpp files of this module.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/distinguished_name.h"
#include "crypto/openssl_ptr.h"

namespace quoted::crypto {

// A view into `string`; empty for null.
[[nodiscard]] base::ByteView octets(const ASN1_STRING* string);

[[nodiscard]] std::string text_of(const ASN1_STRING* string);

[[nodiscard]] DistinguishedName read_name(const X509_NAME* name);

// BadCertificate for null and for what is no date.
[[nodiscard]] base::Result<base::UnixTime> unix_time(const ASN1_TIME* time);

// The first element inside the outer SEQUENCE of `der`, header included: what the signature of a
// certificate or CRL covers. Empty when there is none.
[[nodiscard]] base::ByteView signed_part(base::ByteView der);

}  // namespace quoted::crypto
