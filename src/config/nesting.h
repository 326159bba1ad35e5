// Finds keys whose parts would nest tables without bound: "a.a.a.a" makes a table for each dot, and
// the TOML library and the destructors of its tables recurse into them.
#pragma once

#include <optional>
#include <string_view>

#include "config/mistakes.h"

namespace quoted::config {

inline constexpr std::size_t kMaxKeyDots = 16;

// The place of the first dot too many in one key or table header; dots in strings and comments do
// not count. Right for every prefix of `text` that is TOML; the library stops at the first byte
// that is not.
[[nodiscard]] std::optional<Place> find_deep_key(std::string_view text);

}  // namespace quoted::config
