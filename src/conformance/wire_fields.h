// Protobuf's wire format as a judge reads it: strictly, in a few lines, and without the codec that
// it judges (aesm-protocol 2).
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::conformance {

struct WireField {
  enum class Type : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  std::uint32_t number = 0;
  Type type = Type::kVarint;
  std::uint64_t value = 0;  // of kVarint
  base::ByteView bytes;     // of the others; a view into the message
};

// No message of the protocol has a tenth of it.
inline constexpr std::size_t kMaxFields = 64;

// All of `message`, in its order. MalformedMessage names the offset: a varint of more than 64 bits,
// a length beyond the end, a group, field number 0, more than kMaxFields.
[[nodiscard]] base::Result<std::vector<WireField>> read_fields(base::ByteView message);

}  // namespace quoted::conformance
