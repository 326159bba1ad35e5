#include "simulation/cpu/key_values.h"

#include <algorithm>

#include "base/text.h"

namespace quoted::simulation {
namespace {

constexpr std::size_t kMaxLines = 32;

}  // namespace

base::Result<std::vector<KeyValue>> read_key_values(std::string_view content,
                                                    std::string_view file) {
  std::vector<KeyValue> out;
  for (std::size_t line = 1; !content.empty(); ++line) {
    const std::size_t end = content.find('\n');
    const std::string_view row = content.substr(0, end);
    content = end == std::string_view::npos ? std::string_view() : content.substr(end + 1);
    if (line <= kMaxLines && (row.empty() || row.starts_with('#'))) continue;
    const std::size_t blank = row.find(' ');
    if (blank == std::string_view::npos || line > kMaxLines ||
        find_key(out, row.substr(0, blank)) != nullptr) {
      return base::fail(
          base::ErrorCode::kMalformed,
          base::text("line ", line, " of the ", file, " is not one new 'key value' pair"));
    }
    out.push_back({.key = row.substr(0, blank), .value = row.substr(blank + 1), .line = line});
  }
  return out;
}

const KeyValue* find_key(const std::vector<KeyValue>& pairs, std::string_view key) {
  const auto found =
      std::ranges::find_if(pairs, [&](const KeyValue& pair) { return pair.key == key; });
  return found == pairs.end() ? nullptr : &*found;
}

}  // namespace quoted::simulation
