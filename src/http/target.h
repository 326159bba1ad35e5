// The target of a request line: path and query, decoded (RFC 9112 3.2, RFC 3986).
#pragma once

#include <string_view>

#include "base/result.h"
#include "http/request.h"

namespace quoted::http {

struct Target {
  std::string path;
  std::vector<QueryParameter> query;
};

// Takes "/path?query" and "http://host/path?query". HttpMalformed for anything else, for escapes
// that are none, and for control characters, plain or escaped: no path of ours has them, and they
// mean different things to different programs. '+' in a query is a blank.
[[nodiscard]] base::Result<Target> parse_target(std::string_view target);

}  // namespace quoted::http
