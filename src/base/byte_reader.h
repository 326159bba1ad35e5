// A cursor over hostile bytes. Every read is checked against what is left and either gives the
// bytes asked for or an error that names the field, the offset and the shortage.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "base/little_endian.h"
#include "base/result.h"
#include "base/text.h"

namespace quoted::base {

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - offset_; }

  // Truncated when fewer than `count` bytes are left; `field` names them in the message.
  [[nodiscard]] Result<ByteView> take(std::size_t count, std::string_view field) {
    if (count > remaining()) {
      return fail(ErrorCode::kTruncated, text(field, " at offset ", offset_, " needs ", count,
                                              " bytes, but only ", remaining(), " are left"));
    }
    const ByteView out = bytes_.subspan(offset_, count);
    offset_ += count;
    return out;
  }

  template <std::unsigned_integral T>
  [[nodiscard]] Result<T> take_le(std::string_view field) {
    QUOTED_TRY(const LittleEndian<T> value, take_struct<LittleEndian<T>>(field));
    return static_cast<T>(value);
  }

  // A structure whose layout is asserted where it is defined.
  template <class T>
    requires(std::is_trivially_copyable_v<T> && alignof(T) == 1)
  [[nodiscard]] Result<T> take_struct(std::string_view field) {
    QUOTED_TRY(const ByteView bytes, take(sizeof(T), field));
    T out;
    std::memcpy(&out, bytes.data(), sizeof(T));
    return out;
  }

 private:
  ByteView bytes_;
  std::size_t offset_ = 0;
};

// The bytes of a structure whose layout is asserted where it is defined.
template <class T>
  requires(std::is_trivially_copyable_v<T> && alignof(T) == 1)
[[nodiscard]] ByteView struct_bytes(const T& value) {
  return std::as_bytes(std::span<const T, 1>(&value, 1));
}

// WrongSize unless `bytes` is exactly the structure; `what` names it in the message.
template <class T>
  requires(std::is_trivially_copyable_v<T> && alignof(T) == 1)
[[nodiscard]] Result<T> parse_struct(ByteView bytes, std::string_view what) {
  if (bytes.size() != sizeof(T)) {
    return fail(ErrorCode::kWrongSize,
                text(what, " has ", sizeof(T), " bytes, got ", bytes.size()));
  }
  T out;
  std::memcpy(&out, bytes.data(), sizeof(T));
  return out;
}

}  // namespace quoted::base
