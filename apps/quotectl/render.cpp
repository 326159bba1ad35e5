#include "quotectl/render.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/text.h"

namespace quoted::quotectl {
namespace {

std::string scalar_text(const Json& value) {
  if (value.is_null()) return "none";
  if (!value.is_string()) return value.dump();
  const auto& raw = value.get_ref<const std::string&>();
  return raw.empty() ? "none" : printable(raw);
}

std::string list_text(const Json& values) {
  std::string out;
  for (const Json& value : values) {
    if (!out.empty()) out += ' ';
    out += scalar_text(value);
  }
  return out.empty() ? "none" : out;
}

bool is_list_of_scalars(const Json& value) {
  return value.is_array() &&
         std::ranges::all_of(value, [](const Json& v) { return v.is_primitive(); });
}

}  // namespace

std::string printable(std::string_view raw) {
  std::string out;
  for (const char c : raw) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += base::text("\\x", base::to_hex(base::as_bytes({&c, 1})));
    }
  }
  return out;
}

std::string render_text(const Json& description, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string out;
  std::size_t number = 0;
  for (const auto& [key, value] : description.items()) {
    ++number;
    out += margin;
    out += description.is_array() ? base::text('#', number) : key;
    out += ':';
    if (value.is_primitive()) {
      out += base::text(' ', scalar_text(value), '\n');
    } else if (is_list_of_scalars(value)) {
      out += base::text(' ', list_text(value), '\n');
    } else {
      out += '\n';
      out += render_text(value, indent + 2);
    }
  }
  return out;
}

std::string render_json(const Json& description) {
  return description.dump(2, ' ', true, Json::error_handler_t::replace) + '\n';
}

}  // namespace quoted::quotectl
