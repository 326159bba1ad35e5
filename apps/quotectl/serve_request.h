// What a client of the verification service sends, in either of its two forms.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "collateral/collateral.h"

namespace quoted::quotectl {

inline constexpr std::string_view kQuoteType = "application/octet-stream";
inline constexpr std::string_view kRequestType = "application/json";

struct VerifyRequest {
  base::Bytes quote;
  std::optional<collateral::Collateral> collateral;
  std::optional<base::UnixTime> time;
};

// The bare quote, or {"quote": base64, "collateral": {...}, "time": ...}. Malformed names the
// member at fault: unknown ones and those that stand twice are refused, because whoever sends them
// believes something that does not hold. Nothing of the quote itself is looked at.
[[nodiscard]] base::Result<VerifyRequest> parse_verify_request(std::string_view media_type,
                                                               base::ByteView body);

}  // namespace quoted::quotectl
