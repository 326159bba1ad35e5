// An unsigned integer stored as little-endian bytes with alignment 1, so that a structure of
// these has exactly the layout that SGX hardware and libraries define, on any host.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace quoted::base {

template <std::unsigned_integral T>
class LittleEndian {
 public:
  constexpr LittleEndian() = default;
  constexpr LittleEndian(T value) {  // NOLINT(google-explicit-constructor): stands for its value
    for (std::byte& b : bytes_) {
      b = static_cast<std::byte>(value & 0xFFU);
      if constexpr (sizeof(T) > 1) value = static_cast<T>(value >> 8U);
    }
  }
  constexpr operator T() const {  // NOLINT(google-explicit-constructor)
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value = static_cast<T>(value | static_cast<T>(std::to_integer<T>(bytes_[i]) << (8U * i)));
    }
    return value;
  }
  friend constexpr bool operator==(const LittleEndian&, const LittleEndian&) = default;
  template <std::integral Number>
  friend constexpr bool operator==(const LittleEndian& value, Number number) {
    return std::cmp_equal(static_cast<T>(value), number);
  }

 private:
  std::array<std::byte, sizeof(T)> bytes_{};
};

using Le16 = LittleEndian<std::uint16_t>;
using Le32 = LittleEndian<std::uint32_t>;
using Le64 = LittleEndian<std::uint64_t>;

static_assert(sizeof(Le16) == 2 && alignof(Le16) == 1);
static_assert(sizeof(Le32) == 4 && alignof(Le32) == 1);
static_assert(sizeof(Le64) == 8 && alignof(Le64) == 1);

}  // namespace quoted::base
