// Byte views in the pointer types of OpenSSL, used by the .cpp files of this module.
#pragma once

#include <cstddef>
#include <span>

namespace quoted::crypto {

template <std::size_t Extent>
[[nodiscard]] const unsigned char* raw(std::span<const std::byte, Extent> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

template <std::size_t Extent>
[[nodiscard]] unsigned char* raw(std::span<std::byte, Extent> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace quoted::crypto
