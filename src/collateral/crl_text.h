// A CRL in any of the forms in which collateral carries it.
#pragma once

#include "base/bytes.h"
#include "crypto/crl.h"

namespace quoted::collateral {

// The DER of what stands in any of them, whatever it holds: see parse_crl.
[[nodiscard]] base::Result<base::Bytes> crl_der(base::ByteView content);

// PEM, DER, or DER as hexadecimal text, told apart by content (quote-verification 17). BadCrl for
// what is none of them.
[[nodiscard]] base::Result<crypto::Crl> parse_crl(base::ByteView content);

}  // namespace quoted::collateral
