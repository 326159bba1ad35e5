// Lower-case hexadecimal, both ways.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::base {

[[nodiscard]] std::string to_hex(ByteView bytes);

// "0x" and `digits` hexadecimal digits, as error codes are written in the field.
[[nodiscard]] std::string hex_number(std::uint64_t value, int digits = 4);

// Accepts upper and lower case, nothing else: no blanks, no prefix. BadHex names the first
// offending position.
[[nodiscard]] Result<Bytes> from_hex(std::string_view text);

}  // namespace quoted::base
