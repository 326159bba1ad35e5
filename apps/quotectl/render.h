// Descriptions for people and for scripts.
#pragma once

#include <string>

#include "quotectl/describe_sgx.h"

namespace quoted::quotectl {

// "key: value" a line, nested by two blanks; control characters and bytes outside ASCII, which a
// hostile certificate may carry, are written as \xNN.
[[nodiscard]] std::string render_text(const Json& description, std::size_t indent = 0);

// `raw` with control characters and bytes outside ASCII written as \xNN.
[[nodiscard]] std::string printable(std::string_view raw);

// Indented JSON in ASCII, with a final LF.
[[nodiscard]] std::string render_json(const Json& description);

}  // namespace quoted::quotectl
