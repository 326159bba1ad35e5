// PEM text to DER.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::crypto {

// The content of the PEM block with which `text` starts. Malformed for anything else, for another
// label ("CERTIFICATE", "X509 CRL") and for a block with headers: those are encrypted.
[[nodiscard]] base::Result<base::Bytes> decode_pem(std::string_view text, std::string_view label);

}  // namespace quoted::crypto
