// Guesses what a person meant by a misspelt word.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace quoted::config {

// The word of `known` that is `word` but for case, blanks, '-' and '_', or else the one that takes
// the fewest changes of a letter, or else one that contains it; empty when none is near.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> known);

// "did you mean 'x'?", or "expected one of: a, b" when none is near.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     std::span<const std::string_view> known);

}  // namespace quoted::config
