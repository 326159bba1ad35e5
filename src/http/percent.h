// Percent escapes (RFC 3986 2.1), as queries and issuer-chain headers carry them (pcs-api 2.1).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace quoted::http {

// Letters, digits and "-_.~" stay; all else becomes %XX, a blank as well.
[[nodiscard]] std::string percent_encoded(std::string_view text);

// Malformed for an escape that is none, and for what no encoder leaves as it is: control
// characters, blanks, and '+', which some take for a blank.
[[nodiscard]] base::Result<std::string> percent_decoded(std::string_view text);

}  // namespace quoted::http
