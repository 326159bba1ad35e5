// The frame of the AESM socket (aesm-protocol 1.2): a 4-byte little-endian length N, then N bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::aesm {

inline constexpr std::size_t kFramePrefixSize = 4;

// The largest legal ECDSA request is below 4 KiB; EPID GetQuote with a large SigRL may reach more.
inline constexpr std::size_t kMaxRequestSize = 64 * 1024;

// A response holds at most a quote in a buffer of the caller's size, which the daemon caps at
// 1 MiB (aesm-protocol 3.6), and a QE report info.
inline constexpr std::size_t kMaxResponseSize = (1024 * 1024) + 4096;

// N, or FrameTooLarge above `limit`. Called before anything is allocated for the body.
[[nodiscard]] base::Result<std::size_t> decode_frame_prefix(
    std::span<const std::byte, kFramePrefixSize> prefix, std::size_t limit);

[[nodiscard]] std::array<std::byte, kFramePrefixSize> encode_frame_prefix(std::uint32_t size);

}  // namespace quoted::aesm
