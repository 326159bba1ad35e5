// Bytes written as the specification prints them. For tests.
#pragma once

#include <string>
#include <string_view>

#include "base/hex.h"

namespace quoted::aesm::test {

// Hexadecimal digits with any blanks between them.
inline base::Bytes hex_bytes(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ' ') digits += c;
  }
  return base::from_hex(digits).value();
}

}  // namespace quoted::aesm::test
