// Files of 'key value' lines: readable by software in any language without a parser. '#' begins a
// line of words for people.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace quoted::simulation {

// Views into what was read.
struct KeyValue {
  std::string_view key;
  std::string_view value;
  std::size_t line = 0;
};

// `file` names the kind of file in errors. Malformed names the line at fault, also where a key
// comes twice or the file has more lines than any of its kind.
[[nodiscard]] base::Result<std::vector<KeyValue>> read_key_values(std::string_view content,
                                                                  std::string_view file);

// Null when there is none.
[[nodiscard]] const KeyValue* find_key(const std::vector<KeyValue>& pairs, std::string_view key);

}  // namespace quoted::simulation
