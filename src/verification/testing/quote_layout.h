// Offsets in a forged quote of version 3, and of version 4 for SGX, and edits of its bytes.
#pragma once

#include <cstring>

#include "base/byte_reader.h"
#include "base/bytes.h"

namespace quoted::verification::testing {

namespace offset {
inline constexpr std::size_t kVersion = 0;
inline constexpr std::size_t kKeyType = 2;
inline constexpr std::size_t kTeeType = 4;
inline constexpr std::size_t kVendorId = 12;
inline constexpr std::size_t kSignatureLength = 432;
inline constexpr std::size_t kSignature = 436;
inline constexpr std::size_t kAttestationKey = 500;
inline constexpr std::size_t kQeReport = 564;
inline constexpr std::size_t kQeReportSignature = 948;
inline constexpr std::size_t kAuthenticationLength = 1012;
inline constexpr std::size_t kAuthenticationData = 1014;
inline constexpr std::size_t kCertificationType = 1046;
inline constexpr std::size_t kCertificationLength = 1048;
inline constexpr std::size_t kCertificationData = 1052;
// Version 4.
inline constexpr std::size_t kOuterType = 564;
inline constexpr std::size_t kOuterLength = 566;
inline constexpr std::size_t kInnerType = 1052;
}  // namespace offset

template <class T>
[[nodiscard]] T get_le(const base::Bytes& bytes, std::size_t at) {
  T out{};
  for (std::size_t i = sizeof(T); i-- > 0;) {
    out = static_cast<T>((out << 8U) | std::to_integer<T>(bytes.at(at + i)));
  }
  return out;
}

template <class T>
void set_le(base::Bytes& bytes, std::size_t at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes.at(at + i) = static_cast<std::byte>((value >> (8U * i)) & 0xFFU);
  }
}

// Adds to a length, wrapping around.
inline void add_le32(base::Bytes& bytes, std::size_t at, std::uint32_t delta) {
  set_le<std::uint32_t>(bytes, at, get_le<std::uint32_t>(bytes, at) + delta);
}

}  // namespace quoted::verification::testing
