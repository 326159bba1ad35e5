// Certificates that no honest builder makes: bytes of a good one replaced and signed anew, so that
// a test meets the one rule it is about and not a broken signature.
#pragma once

#include "crypto/certificate.h"

namespace quoted::crypto::testing {

// The signed part of a certificate, with its header.
[[nodiscard]] base::ByteView to_be_signed(base::ByteView certificate_der);

// The same certificate with `tbs_content` inside, signed by `issuer`. `tbs_content` has no header.
[[nodiscard]] base::Bytes sign_certificate(base::ByteView tbs_content,
                                           const P256PrivateKey& issuer);

// `der` with the only occurrence of `find` in its signed part replaced, signed anew. Sizes of
// enclosing elements are not adjusted, so both must be of one size. Throws when `find` is not there
// exactly once.
[[nodiscard]] base::Bytes replace_and_sign(base::ByteView der, base::ByteView find,
                                           base::ByteView replacement,
                                           const P256PrivateKey& issuer);

// `der` without the extension of this OID content, signed anew.
[[nodiscard]] base::Bytes drop_extension_and_sign(base::ByteView der, base::ByteView oid_content,
                                                  const P256PrivateKey& issuer);

// PEM text of any bytes, valid or not.
[[nodiscard]] std::string pem_of(base::ByteView der);

}  // namespace quoted::crypto::testing
