// Files of tests/vectors, as bytes and as text.
#pragma once

#include <stdexcept>
#include <string>

#include "base/file.h"
#include "base/hex.h"

namespace quoted::test {

// Throws when the file is missing, which fails the test that asks for it.
inline base::Bytes read_vector(const std::string& name) {
  constexpr std::size_t kMaxVector = std::size_t{1} << 20U;
  auto content = base::read_file(std::string(QUOTED_VECTORS_DIR "/") + name, kMaxVector);
  if (!content) throw std::runtime_error(content.error().summary());
  return *std::move(content);
}

inline std::string read_text_vector(const std::string& name) {
  return std::string(base::as_text(read_vector(name)));
}

// Bytes of a literal.
inline base::Bytes unhex(std::string_view digits) { return base::from_hex(digits).value(); }

}  // namespace quoted::test
