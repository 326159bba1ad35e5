// Finds in a text what the TOML library must not see: keys whose parts would nest tables without
// bound ("a.a.a.a" makes a table for each dot, and tables are destroyed by recursion), and bytes
// outside ASCII where no TOML has them, for which its tables of letters are undefined.
#pragma once

#include <optional>
#include <string_view>

#include "config/mistakes.h"

namespace quoted::config {

inline constexpr std::size_t kMaxKeyDots = 16;

// The first of these; what stands in strings and comments does not count. Right for every prefix of
// `text` that is TOML; the library stops at the first byte that is not.
[[nodiscard]] std::optional<Mistake> find_hostile(std::string_view text);

}  // namespace quoted::config
