#include "http/request.h"

#include <algorithm>

namespace quoted::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::parameter(std::string_view name) const {
  for (const QueryParameter& one : query) {
    if (one.name == name) return one.value;
  }
  return std::nullopt;
}

std::string media_type(const Headers& headers) {
  std::string_view value = find_header(headers, "Content-Type").value_or("");
  value = value.substr(0, value.find(';'));
  while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
  std::string out(value);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

}  // namespace quoted::http
