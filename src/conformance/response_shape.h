// The responses of the protocol by name (aesm-protocol 2.2), for the corpus to speak of. A table of
// its own: the codec's is what is judged.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace quoted::conformance {

inline constexpr std::uint32_t kErrorCodeField = 1;

enum class FieldKind : std::uint8_t { kUint32, kUint64, kBytes };

struct FieldShape {
  std::uint32_t number;
  std::string_view name;
  FieldKind kind;
};

struct ResponseShape {
  std::uint32_t number;
  std::string_view name;  // "getQuoteExRes"
  std::span<const FieldShape> fields;

  // Null when there is none.
  [[nodiscard]] const FieldShape* field(std::uint32_t field_number) const;
  [[nodiscard]] const FieldShape* field(std::string_view field_name) const;
};

// Null when there is none.
[[nodiscard]] const ResponseShape* response_shape(std::string_view name);
[[nodiscard]] const ResponseShape* response_shape(std::uint32_t number);

}  // namespace quoted::conformance
