// Between the values of the modules and those of the public interface.
#pragma once

#include <algorithm>

#include "base/fixed_bytes.h"
#include "base/result.h"
#include "quoted/result.h"

namespace quoted::api {

[[nodiscard]] Error to_public(const base::Error& error);

template <class T>
[[nodiscard]] tl::unexpected<Error> refuse(const base::Result<T>& failed) {
  return tl::unexpected<Error>(to_public(failed.error()));
}

[[nodiscard]] inline base::ByteView to_internal(ByteView bytes) { return std::as_bytes(bytes); }

[[nodiscard]] Bytes to_public(base::ByteView bytes);

// A structure of exactly that size.
template <std::size_t Size>
[[nodiscard]] std::array<std::uint8_t, Size> to_array(std::span<const std::byte, Size> bytes) {
  std::array<std::uint8_t, Size> out{};
  std::transform(bytes.begin(), bytes.end(), out.begin(),
                 [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
  return out;
}

template <class Struct>
[[nodiscard]] std::array<std::uint8_t, sizeof(Struct)> to_array(const Struct& value) {
  return to_array<sizeof(Struct)>(std::as_bytes(std::span<const Struct, 1>(&value, 1)));
}

template <class Tag, std::size_t Size>
[[nodiscard]] std::array<std::uint8_t, Size> to_array(const base::FixedBytes<Tag, Size>& value) {
  return to_array<Size>(value.view());
}

}  // namespace quoted::api
