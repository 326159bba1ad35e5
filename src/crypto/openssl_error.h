// Turns OpenSSL's error queue into an Error and leaves the queue empty.
#pragma once

#include <string_view>

#include "base/result.h"

namespace quoted::crypto {

// "`what` failed: <first reason OpenSSL gave>".
[[nodiscard]] base::Error openssl_error(base::ErrorCode code, std::string_view what);

// The same of a decoder, which leaves the errors of what it tried besides in the queue as well.
[[nodiscard]] base::Error asn1_error(base::ErrorCode code, std::string_view what);

}  // namespace quoted::crypto
