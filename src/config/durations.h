// Spans of time as people write them: "30d", "12h".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace quoted::config {

// Longer ones are mistakes, and sums with dates stay far from overflow.
inline constexpr std::chrono::seconds kMaxDuration = std::chrono::days(36525);

// A whole number and a unit: s, m (minutes), h, d, w. Nothing for any other form, and beyond
// kMaxDuration.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

// In the largest unit that holds it exactly: "30d", "36h", "90s".
[[nodiscard]] std::string duration_text(std::chrono::seconds duration);

}  // namespace quoted::config
