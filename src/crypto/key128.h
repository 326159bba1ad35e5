// A 128-bit secret key: wiped when destroyed, not printable, not comparable with ==.
#pragma once

#include <array>
#include <cstring>

#include "base/bytes.h"

namespace quoted::crypto {

class Key128 {
 public:
  static constexpr std::size_t kSize = 16;

  Key128() = default;
  explicit Key128(std::span<const std::byte, kSize> bytes) {
    std::memcpy(bytes_.data(), bytes.data(), kSize);
  }
  Key128(const Key128&) = default;
  Key128& operator=(const Key128&) = default;
  ~Key128() { explicit_bzero(bytes_.data(), bytes_.size()); }

  [[nodiscard]] std::span<const std::byte, kSize> view() const { return bytes_; }
  [[nodiscard]] std::span<std::byte, kSize> mutable_view() { return bytes_; }

 private:
  std::array<std::byte, kSize> bytes_{};
};

}  // namespace quoted::crypto
