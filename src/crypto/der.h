// A bounds-checked DER reader and a small writer (ITU-T X.690), for the structures that OpenSSL
// does not know: the SGX certificate extension. Definite, minimal lengths and low tag numbers only;
// no recursion, so hostile nesting costs nothing.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::crypto {

namespace der_tag {
inline constexpr std::uint8_t kBoolean = 0x01;
inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kOid = 0x06;
inline constexpr std::uint8_t kEnumerated = 0x0A;
inline constexpr std::uint8_t kSequence = 0x30;
}  // namespace der_tag

struct DerElement {
  std::uint8_t tag;
  base::ByteView content;
};

// Views into the bytes it was made from.
class DerReader {
 public:
  explicit DerReader(base::ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  // Malformed when what follows is not one whole element.
  [[nodiscard]] base::Result<DerElement> next();
  // Malformed also when it has another tag.
  [[nodiscard]] base::Result<base::ByteView> next(std::uint8_t tag);

 private:
  base::ByteView rest_;
};

// A non-negative INTEGER or ENUMERATED content of at most 32 bits, minimally encoded.
[[nodiscard]] base::Result<std::uint32_t> der_unsigned(base::ByteView content);

// BOOLEAN content: 0x00 or 0xFF.
[[nodiscard]] base::Result<bool> der_boolean(base::ByteView content);

[[nodiscard]] base::Bytes der_element(std::uint8_t tag, base::ByteView content);
[[nodiscard]] base::Bytes der_sequence(std::initializer_list<base::ByteView> elements);
// Minimal content bytes in an element of `tag` (INTEGER or ENUMERATED).
[[nodiscard]] base::Bytes der_unsigned_element(std::uint8_t tag, std::uint32_t value);

}  // namespace quoted::crypto
