// Base64 with the standard alphabet (RFC 4648 section 4), as JSON carries bytes.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::base {

// Malformed unless `text` is canonical: padded, without white space or other foreign characters,
// and with zero bits behind the last byte, so that one sequence of bytes has one text.
[[nodiscard]] Result<Bytes> from_base64(std::string_view text);

[[nodiscard]] std::string to_base64(ByteView bytes);

}  // namespace quoted::base
