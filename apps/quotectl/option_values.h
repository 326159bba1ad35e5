// Values of flags that the parser of the command line does not know. Errors name the flag.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hex.h"
#include "base/result.h"
#include "base/text.h"

namespace quoted::quotectl {

// InvalidArgument unless there are exactly as many bytes as T has.
template <class T>
[[nodiscard]] base::Result<T> parse_identifier(std::string_view flag, std::string_view digits) {
  auto bytes = base::from_hex(digits);
  if (!bytes) return base::fail(std::move(bytes).error().with_context(std::string(flag)));
  if (bytes->size() != T::kSize) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      base::text(flag, " takes ", T::kSize, " bytes (", 2 * T::kSize,
                                 " hexadecimal digits), got ", bytes->size()));
  }
  return T::parse(*bytes);
}

// Any number of bytes up to T's, zero bytes behind.
template <class T>
[[nodiscard]] base::Result<T> parse_padded(std::string_view flag, std::string_view digits) {
  auto bytes = base::from_hex(digits);
  if (!bytes) return base::fail(std::move(bytes).error().with_context(std::string(flag)));
  if (bytes->size() > T::kSize) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      base::text(flag, " takes at most ", T::kSize, " bytes, got ", bytes->size()));
  }
  bytes->resize(T::kSize);
  return T::parse(*bytes);
}

// Seconds since 1970, or RFC 3339: "1751624924", "2025-07-04T10:28:44Z", with offset "+02:00".
// Fractions of a second are dropped. From 1970 to 9999.
[[nodiscard]] base::Result<base::UnixTime> parse_time(std::string_view flag,
                                                      std::string_view value);

// "2025-07-04T10:28:44Z"
[[nodiscard]] std::string format_time(base::UnixTime time);

}  // namespace quoted::quotectl
