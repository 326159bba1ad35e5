// A parsed TOML document: values with the places where they stand. Independent of the library that
// parses, whose header is heavy.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "config/mistakes.h"

namespace quoted::config {

struct Value;
struct Member;

using Array = std::vector<Value>;
using Table = std::vector<Member>;  // in the order of the text, keys unique

// What no setting takes: numbers with a fraction, dates without a zone that have a time.
struct OtherKind {
  std::string_view name;
};

struct Value {
  using Content =
      std::variant<std::string, std::int64_t, bool, base::UnixTime, OtherKind, Array, Table>;
  Content content;
  Place place;
};

struct Member {
  std::string key;
  Place place;  // of the key
  Value value;
};

// "a string", "an integer", "an empty list".
[[nodiscard]] std::string_view kind_name(const Value& value);

}  // namespace quoted::config
