// Reads TOML from hostile text.
#pragma once

#include <optional>
#include <string_view>

#include "config/value.h"

namespace quoted::config {

inline constexpr std::size_t kMaxTextSize = std::size_t{1} << 20U;

// Lists and tables in braces nest so deep; keys with dots are bounded by kMaxKeyDots each.
inline constexpr int kMaxNesting = 16;

// The top-level table. Nothing, and one mistake more, when it is no TOML (the first error ends the
// reading; a key that stands twice is one), larger than kMaxTextSize or nested too deep.
[[nodiscard]] std::optional<Table> parse_toml(std::string_view text, Mistakes& mistakes);

}  // namespace quoted::config
