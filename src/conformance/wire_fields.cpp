#include "conformance/wire_fields.h"

#include "base/byte_reader.h"
#include "base/text.h"

namespace quoted::conformance {
namespace {

using base::ByteReader;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::uint64_t kMaxFieldNumber = (1U << 29U) - 1;

tl::unexpected<base::Error> malformed(const ByteReader& reader, std::string_view why) {
  return fail(ErrorCode::kMalformedMessage,
              text("not protobuf before offset ", reader.offset(), ": ", why));
}

Result<std::uint64_t> read_varint(ByteReader& reader) {
  std::uint64_t out = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto taken = reader.take(1, "a varint");
    if (!taken) return malformed(reader, "a varint is cut short");
    const auto byte = std::to_integer<std::uint64_t>(taken->front());
    if (shift == 63 && byte > 1) break;
    out |= (byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return out;
  }
  return malformed(reader, "a varint has more than 64 bits");
}

Result<std::size_t> content_size(ByteReader& reader, WireField::Type type) {
  if (type == WireField::Type::kFixed32) return std::size_t{4};
  if (type == WireField::Type::kFixed64) return std::size_t{8};
  QUOTED_TRY(const std::uint64_t size, read_varint(reader));
  if (size > reader.remaining()) {
    return malformed(reader,
                     text("a field has ", size, " bytes, ", reader.remaining(), " are left"));
  }
  return static_cast<std::size_t>(size);
}

Result<WireField> read_field(ByteReader& reader) {
  QUOTED_TRY(const std::uint64_t tag, read_varint(reader));
  const std::uint64_t number = tag >> 3U;
  const std::uint64_t type = tag & 7U;
  if (number == 0 || number > kMaxFieldNumber) {
    return malformed(reader, text("there is no field number ", number));
  }
  WireField out;
  out.number = static_cast<std::uint32_t>(number);
  if (type != 0 && type != 1 && type != 2 && type != 5) {
    return malformed(reader, text("field ", number, " has wire type ", type));
  }
  out.type = static_cast<WireField::Type>(type);
  if (out.type == WireField::Type::kVarint) {
    QUOTED_TRY(out.value, read_varint(reader));
    return out;
  }
  QUOTED_TRY(const std::size_t size, content_size(reader, out.type));
  const auto bytes = reader.take(size, "a field");
  if (!bytes) return malformed(reader, "a field is cut short");
  out.bytes = *bytes;
  return out;
}

}  // namespace

Result<std::vector<WireField>> read_fields(base::ByteView message) {
  ByteReader reader(message);
  std::vector<WireField> out;
  while (reader.remaining() > 0) {
    if (out.size() == kMaxFields) {
      return malformed(reader, text("there are more than ", kMaxFields, " fields"));
    }
    QUOTED_TRY(const WireField field, read_field(reader));
    out.push_back(field);
  }
  return out;
}

}  // namespace quoted::conformance
