#include "http/target.h"

#include <optional>

#include "base/text.h"

namespace quoted::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

enum class Plus : std::uint8_t { kPlus, kBlank };

std::optional<unsigned> hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

bool is_control(unsigned byte) { return byte < 0x20 || byte == 0x7F; }

Result<std::string> decode(std::string_view raw, Plus plus) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    unsigned byte = static_cast<unsigned char>(raw[i]);
    if (raw[i] == '%') {
      const auto high = i + 2 < raw.size() ? hex_value(raw[i + 1]) : std::nullopt;
      const auto low = high ? hex_value(raw[i + 2]) : std::nullopt;
      if (!low) return fail(ErrorCode::kHttpMalformed, "the URL holds a '%' without two digits");
      byte = *high * 16 + *low;
      i += 2;
    } else if (byte <= 0x20 || byte >= 0x7F || raw[i] == '#') {
      return fail(ErrorCode::kHttpMalformed,
                  base::text("the URL holds the byte ", byte, ", which must be escaped"));
    } else if (raw[i] == '+' && plus == Plus::kBlank) {
      byte = ' ';
    }
    if (is_control(byte)) {
      return fail(ErrorCode::kHttpMalformed,
                  base::text("the URL holds the escaped control character ", byte));
    }
    out += static_cast<char>(byte);
  }
  return out;
}

Result<std::vector<QueryParameter>> parse_query(std::string_view query) {
  std::vector<QueryParameter> out;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view one = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (one.empty()) continue;
    const std::size_t equals = one.find('=');
    QUOTED_TRY(std::string name, decode(one.substr(0, equals), Plus::kBlank));
    std::string value;
    if (equals != std::string_view::npos) {
      QUOTED_TRY(value, decode(one.substr(equals + 1), Plus::kBlank));
    }
    out.push_back({std::move(name), std::move(value)});
  }
  return out;
}

// "/path" of "http://host/path": servers must take that form as well. A '/' behind a '?' is of the
// query (RFC 3986 section 3.2), and a path that is empty is "/".
std::string without_authority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t end = target.find_first_of("/?#", scheme.size());
    if (end == std::string_view::npos) return "/";
    std::string out;
    if (target[end] != '/') out.push_back('/');
    out.append(target.substr(end));
    return out;
  }
  return std::string(target);
}

}  // namespace

Result<Target> parse_target(std::string_view target) {
  const std::string whole = without_authority(target);
  const std::string_view local = whole;
  if (!local.starts_with('/')) {
    return fail(ErrorCode::kHttpMalformed, "the request's target is no path that begins with '/'");
  }
  const std::size_t mark = local.find('?');
  Target out;
  QUOTED_TRY(out.path, decode(local.substr(0, mark), Plus::kPlus));
  if (mark != std::string_view::npos) {
    QUOTED_TRY(out.query, parse_query(local.substr(mark + 1)));
  }
  return out;
}

}  // namespace quoted::http
