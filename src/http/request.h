// A request as a handler sees it: whole, within the limits, its target decoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace quoted::http {

struct Header {
  std::string name;
  std::string value;
};
using Headers = std::vector<Header>;

// The value of the first header of this name, whatever its case.
[[nodiscard]] std::optional<std::string_view> find_header(const Headers& headers,
                                                          std::string_view name);

// Names of headers and media types are compared so.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

// "application/json" of "Application/JSON; charset=utf-8": what Content-Type says, in lower case,
// without parameters; empty when the header is absent.
[[nodiscard]] std::string media_type(const Headers& headers);

struct QueryParameter {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // as sent: methods are case-sensitive
  std::string path;    // decoded, begins with '/'
  std::vector<QueryParameter> query;
  Headers headers;  // without trailers
  base::Bytes body;

  // The value of the first parameter of this name.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

}  // namespace quoted::http
