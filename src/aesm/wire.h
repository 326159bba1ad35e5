// Protobuf's wire format on top of protozero's varints: a cursor over the fields of one message,
// and the pieces that write them. Private to codec.cpp.
//
// Not protozero's own reader, because that one takes a length modulo 2^32 and a boolean from the
// first byte of its varint, which protobuf does not: the cursor accepts what protobuf accepts,
// groups excepted (codec.h says why).
#pragma once

#include <cstddef>
#include <cstdint>
#include <protozero/exception.hpp>
#include <protozero/types.hpp>
#include <protozero/varint.hpp>
#include <string_view>

#include "base/bytes.h"

namespace quoted::aesm::wire {

using WireType = protozero::pbf_wire_type;

// One field: its number, its wire type and the content that goes with the type.
struct Field {
  std::uint32_t number = 0;
  WireType type = WireType::unknown;
  std::uint64_t varint = 0;
  base::ByteView bytes;
};

// Throws protozero::exception where the bytes are not protobuf. Never reads past the view.
class Cursor {
 public:
  explicit Cursor(base::ByteView message) : rest_(message) {}

  // False at the end of the message.
  bool next(Field& field) {
    if (rest_.empty()) return false;
    const auto tag = static_cast<std::uint32_t>(take_varint(kMaxVarint32Size));
    field = {
        .number = tag >> 3U, .type = static_cast<WireType>(tag & 7U), .varint = 0, .bytes = {}};
    if (field.number == 0) throw protozero::invalid_tag_exception{};
    switch (field.type) {
      case WireType::varint:
        field.varint = take_varint(protozero::max_varint_length);
        return true;
      case WireType::fixed64:
        field.bytes = take(sizeof(std::uint64_t));
        return true;
      case WireType::length_delimited:
        field.bytes = take(take_varint(kMaxVarint32Size));
        return true;
      case WireType::fixed32:
        field.bytes = take(sizeof(std::uint32_t));
        return true;
      default:
        throw protozero::unknown_pbf_wire_type_exception{};
    }
  }

 private:
  // Tags and lengths have 32 bits, so protobuf refuses longer encodings of them.
  static constexpr std::size_t kMaxVarint32Size = 5;

  std::uint64_t take_varint(std::size_t max_size) {
    const std::string_view text = base::as_text(rest_);
    const char* position = text.data();
    const std::uint64_t value = protozero::decode_varint(&position, text.data() + text.size());
    const auto size = static_cast<std::size_t>(position - text.data());
    if (size > max_size) throw protozero::varint_too_long_exception{};
    rest_ = rest_.subspan(size);
    return value;
  }

  base::ByteView take(std::uint64_t size) {
    if (size > rest_.size()) throw protozero::end_of_buffer_exception{};
    const base::ByteView out = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(out.size());
    return out;
  }

  base::ByteView rest_;
};

constexpr std::uint64_t tag(std::uint32_t number, WireType type) {
  return (std::uint64_t{number} << 3U) | static_cast<std::uint64_t>(type);
}

inline std::size_t varint_size(std::uint64_t value) {
  return static_cast<std::size_t>(protozero::length_of_varint(value));
}

inline void put_varint(base::Bytes& out, std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) out.push_back(static_cast<std::byte>(value | 0x80U));
  out.push_back(static_cast<std::byte>(value));
}

inline std::size_t field_size(std::uint32_t number, std::uint64_t value) {
  return varint_size(tag(number, WireType::varint)) + varint_size(value);
}

inline void put_field(base::Bytes& out, std::uint32_t number, std::uint64_t value) {
  put_varint(out, tag(number, WireType::varint));
  put_varint(out, value);
}

inline std::size_t field_size(std::uint32_t number, base::ByteView bytes) {
  return varint_size(tag(number, WireType::length_delimited)) + varint_size(bytes.size()) +
         bytes.size();
}

inline void put_bytes_header(base::Bytes& out, std::uint32_t number, std::size_t size) {
  put_varint(out, tag(number, WireType::length_delimited));
  put_varint(out, size);
}

inline void put_field(base::Bytes& out, std::uint32_t number, base::ByteView bytes) {
  put_bytes_header(out, number, bytes.size());
  base::append(out, bytes);
}

}  // namespace quoted::aesm::wire
