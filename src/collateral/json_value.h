// JSON as signed collateral needs it: members in the order of the text, duplicates kept, integers
// apart from other numbers. Libraries that keep one of two equal names would let the signature
// cover one value and the reader see another.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace quoted::collateral {

class JsonValue;
struct JsonMember;

using JsonArray = std::vector<JsonValue>;
using JsonObject = std::vector<JsonMember>;

// A number with fraction or exponent, or too large for 64 bits: as it stood in the text.
struct JsonReal {
  std::string text;
};

class JsonValue {
 public:
  using Content = std::variant<std::monostate, bool, std::uint64_t, std::int64_t, JsonReal,
                               std::string, JsonArray, JsonObject>;

  // Defined below, where a member is a complete type.
  JsonValue();
  explicit JsonValue(Content content);

  [[nodiscard]] const Content& content() const { return content_; }
  [[nodiscard]] Content& content() { return content_; }

  // Null when the value is of another kind.
  [[nodiscard]] const JsonObject* object() const { return std::get_if<JsonObject>(&content_); }
  [[nodiscard]] const JsonArray* array() const { return std::get_if<JsonArray>(&content_); }
  [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&content_); }
  [[nodiscard]] const std::uint64_t* number() const {
    return std::get_if<std::uint64_t>(&content_);
  }

  // The first member of this name; null when there is none or the value is no object.
  [[nodiscard]] const JsonValue* member(std::string_view name) const;

 private:
  Content content_;
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

inline JsonValue::JsonValue() = default;
inline JsonValue::JsonValue(Content content) : content_(std::move(content)) {}

inline constexpr std::size_t kMaxJsonSize = std::size_t{1} * 1024 * 1024;
inline constexpr std::size_t kMaxJsonDepth = 256;

// One JSON value with nothing but white space around it; no byte order mark, no NUL. Malformed
// names the line and column. Larger or deeper than the limits is refused before it costs anything.
[[nodiscard]] base::Result<JsonValue> parse_json(std::string_view text);

// Without white space, members in their order: what Intel's verifier signs over
// (quote-verification 5). Empty when a number in it has fraction or exponent: no document has one,
// and how it would be written anew depends on the writer.
[[nodiscard]] std::string compact_json(const JsonValue& value);

// The first name that stands twice in one object, as a path ("tcbInfo.version"), else empty.
[[nodiscard]] std::string duplicate_member(const JsonValue& value);

// The bytes of the value of the first member `name` in the object that `text` holds. Empty when the
// name does not stand there, or a name with escapes comes before it, which could be the same.
// `text` must have passed parse_json.
[[nodiscard]] std::string_view member_text(std::string_view text, std::string_view name);

}  // namespace quoted::collateral
