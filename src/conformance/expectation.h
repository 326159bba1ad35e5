// The texts in which the corpus says what is to be sent and what has to come back. Private to
// corpus.cpp.
#pragma once

#include "conformance/corpus.h"

namespace quoted::conformance {

// "0a03{quote_size}": hexadecimal digits, and names in braces. Malformed.
[[nodiscard]] base::Result<Write> parse_write(std::string_view text);

// One of several texts that say what has to come back, in the order they are given. Malformed.
[[nodiscard]] base::Status add_expectation(std::string_view text, Expectation& out);

}  // namespace quoted::conformance
