// Takes an input apart: choices and payload from the front, a second series of choices from the
// back, so that lengthening the payload leaves those alone. What is missing reads as zero.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"

namespace quoted::fuzz {

class Splitter {
 public:
  explicit Splitter(base::ByteView input) : rest_(input) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] std::size_t size() const { return rest_.size(); }

  std::uint8_t byte() {
    const base::ByteView taken = take(1);
    return taken.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(taken[0]);
  }

  bool flag() { return (byte() & 1U) != 0; }

  // Little-endian.
  std::uint16_t u16() {
    const std::uint8_t low = byte();
    return static_cast<std::uint16_t>(low | (byte() << 8U));
  }
  std::uint32_t u32() {
    const std::uint32_t low = u16();
    return low | (static_cast<std::uint32_t>(u16()) << 16U);
  }

  // At most so many bytes.
  base::ByteView take(std::size_t count) {
    const base::ByteView out = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(out.size());
    return out;
  }

  std::uint8_t last_byte() {
    if (rest_.empty()) return 0;
    const std::byte out = rest_.back();
    rest_ = rest_.first(rest_.size() - 1);
    return std::to_integer<std::uint8_t>(out);
  }

 private:
  base::ByteView rest_;
};

}  // namespace quoted::fuzz
