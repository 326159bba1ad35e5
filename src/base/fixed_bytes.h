// Strong types for identifiers that are plain bytes of a fixed size: MRENCLAVE, CPUSVN, FMSPC.
// Two of them with different tags never convert into each other.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hex.h"
#include "base/result.h"
#include "base/text.h"

namespace quoted::base {

// A regular value of exactly Size bytes, alignment 1, trivially copyable; default is all zero.
template <class Tag, std::size_t Size>
class FixedBytes {
 public:
  static constexpr std::size_t kSize = Size;

  constexpr FixedBytes() = default;
  explicit constexpr FixedBytes(const std::array<std::byte, Size>& bytes) : bytes_(bytes) {}

  // WrongSize unless `bytes` has exactly Size bytes.
  [[nodiscard]] static Result<FixedBytes> parse(ByteView bytes) {
    if (bytes.size() != Size) {
      return fail(ErrorCode::kWrongSize, text("expected ", Size, " bytes, got ", bytes.size()));
    }
    FixedBytes out;
    std::copy(bytes.begin(), bytes.end(), out.bytes_.begin());
    return out;
  }

  // BadHex or WrongSize.
  [[nodiscard]] static Result<FixedBytes> parse_hex(std::string_view digits) {
    QUOTED_TRY(const Bytes bytes, from_hex(digits));
    return parse(bytes);
  }

  [[nodiscard]] constexpr std::span<const std::byte, Size> view() const { return bytes_; }
  [[nodiscard]] constexpr std::span<std::byte, Size> mutable_view() { return bytes_; }
  [[nodiscard]] const std::array<std::byte, Size>& array() const { return bytes_; }
  [[nodiscard]] std::string hex() const { return to_hex(bytes_); }
  [[nodiscard]] bool is_zero() const { return all_zero(bytes_); }

  // Not constant-time: for identifiers, never for secrets or MACs.
  friend constexpr auto operator<=>(const FixedBytes&, const FixedBytes&) = default;

 private:
  std::array<std::byte, Size> bytes_{};
};

}  // namespace quoted::base
