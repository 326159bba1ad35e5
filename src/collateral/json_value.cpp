#include "collateral/json_value.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/text.h"

namespace quoted::collateral {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::string_view kWhiteSpace = " \t\r\n";

// Builds a JsonValue from the events of the parser, on a stack of its own.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return add(JsonValue()); }
  bool boolean(bool value) override { return add(JsonValue(value)); }
  bool number_integer(number_integer_t value) override {
    return add(JsonValue(std::int64_t{value}));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return add(JsonValue(std::uint64_t{value}));
  }
  bool number_float(number_float_t /*value*/, const string_t& written) override {
    return add(JsonValue(JsonReal{written}));
  }
  bool string(string_t& value) override { return add(JsonValue(std::move(value))); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return open(JsonValue(JsonObject())); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*size*/) override { return open(JsonValue(JsonArray())); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    names_.back() = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*why*/) override {
    position_ = position;
    return false;
  }

  [[nodiscard]] bool too_deep() const { return too_deep_; }
  [[nodiscard]] std::size_t position() const { return position_; }
  JsonValue result;

 private:
  bool add(JsonValue value) {
    if (open_.empty()) {
      result = std::move(value);
      return true;
    }
    if (auto* const array = std::get_if<JsonArray>(&open_.back().content())) {
      array->push_back(std::move(value));
    } else {
      std::get<JsonObject>(open_.back().content()).push_back({names_.back(), std::move(value)});
    }
    return true;
  }
  bool open(JsonValue value) {
    too_deep_ = open_.size() == kMaxJsonDepth;
    open_.push_back(std::move(value));
    names_.emplace_back();
    return !too_deep_;
  }
  bool close() {
    JsonValue done = std::move(open_.back());
    open_.pop_back();
    names_.pop_back();
    return add(std::move(done));
  }

  std::vector<JsonValue> open_;
  std::vector<std::string> names_;  // of the member that is being read, for each open value
  bool too_deep_ = false;
  std::size_t position_ = 0;
};

// "line 3, column 17" of the byte before `position`, which is where the parser stopped.
std::string place(std::string_view all, std::size_t position) {
  const std::string_view before = all.substr(0, position == 0 ? 0 : position - 1);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return text("line ", line, ", column ", column);
}

void append_string(std::string& out, std::string_view value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  out += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
      case '\\':
        out += '\\';
        out += c;
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte < 0x20) {
          out += text("\\u00", kDigits[byte >> 4U], kDigits[byte & 0xFU]);
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// Recursion is bounded by kMaxJsonDepth.
void append_compact(std::string& out, const JsonValue& value, bool& unknown);

struct AppendCompact {
  std::string& out;
  bool& unknown;

  void operator()(std::monostate /*null*/) const { out += "null"; }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::uint64_t value) const { out += std::to_string(value); }
  void operator()(std::int64_t value) const { out += std::to_string(value); }
  void operator()(const JsonReal& /*value*/) const { unknown = true; }
  void operator()(const std::string& value) const { append_string(out, value); }
  void operator()(const JsonArray& values) const {
    char separator = '[';
    for (const JsonValue& value : values) {
      out += separator;
      append_compact(out, value, unknown);
      separator = ',';
    }
    out += values.empty() ? "[]" : "]";
  }
  void operator()(const JsonObject& members) const {
    char separator = '{';
    for (const JsonMember& member : members) {
      out += separator;
      append_string(out, member.name);
      out += ':';
      append_compact(out, member.value, unknown);
      separator = ',';
    }
    out += members.empty() ? "{}" : "}";
  }
};

void append_compact(std::string& out, const JsonValue& value, bool& unknown) {
  std::visit(AppendCompact{out, unknown}, value.content());
}

// Past the JSON value that starts at `at`; `at` itself when there is none. For text that is known
// to be JSON.
std::size_t end_of_value(std::string_view all, std::size_t at) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = at; i < all.size(); ++i) {
    const char c = all[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
        if (depth == 0) return i + 1;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return i;  // the end of what surrounds a bare number or word
      if (--depth == 0) return i + 1;
    } else if (depth == 0 && (c == ',' || kWhiteSpace.find(c) != std::string_view::npos)) {
      return i;
    }
  }
  return all.size();
}

std::size_t skip(std::string_view all, std::size_t at, char separator) {
  const std::size_t next = all.find_first_not_of(kWhiteSpace, at);
  if (next == std::string_view::npos) return all.size();
  if (all[next] != separator) return next;
  return std::min(all.size(), all.find_first_not_of(kWhiteSpace, next + 1));
}

}  // namespace

const JsonValue* JsonValue::member(std::string_view name) const {
  const JsonObject* const members = object();
  if (members == nullptr) return nullptr;
  const auto found = std::ranges::find(*members, name, &JsonMember::name);
  return found == members->end() ? nullptr : &found->value;
}

Result<JsonValue> parse_json(std::string_view all) {
  if (all.size() > kMaxJsonSize) {
    return fail(ErrorCode::kMalformed,
                text("a JSON document of ", all.size(), " bytes is larger than ", kMaxJsonSize));
  }
  if (all.starts_with("\xEF\xBB\xBF")) {
    return fail(ErrorCode::kMalformed, "a byte order mark stands before the JSON");
  }
  // The parser takes a NUL for the end of the text.
  if (const std::size_t nul = all.find('\0'); nul != std::string_view::npos) {
    return fail(ErrorCode::kMalformed, text("a NUL byte in the JSON at ", place(all, nul + 1)));
  }
  Builder builder;
  if (!nlohmann::json::sax_parse(all.begin(), all.end(), &builder)) {
    if (builder.too_deep()) {
      return fail(ErrorCode::kMalformed,
                  text("the JSON is nested deeper than ", kMaxJsonDepth, " levels"));
    }
    return fail(ErrorCode::kMalformed, text("no JSON at ", place(all, builder.position())));
  }
  return std::move(builder.result);
}

std::string compact_json(const JsonValue& value) {
  std::string out;
  bool unknown = false;
  append_compact(out, value, unknown);
  return unknown ? std::string() : out;
}

std::string duplicate_member(const JsonValue& value) {
  if (const JsonArray* const array = value.array()) {
    for (const JsonValue& item : *array) {
      if (std::string path = duplicate_member(item); !path.empty()) return path;
    }
  }
  const JsonObject* const members = value.object();
  if (members == nullptr) return {};
  std::unordered_set<std::string_view> seen;
  for (const JsonMember& member : *members) {
    if (!seen.insert(member.name).second) return member.name;
    if (const std::string path = duplicate_member(member.value); !path.empty()) {
      return text(member.name, '.', path);
    }
  }
  return {};
}

std::string_view member_text(std::string_view all, std::string_view name) {
  const std::string wanted = text('"', name, '"');
  std::size_t at = all.find_first_not_of(kWhiteSpace);
  if (at == std::string_view::npos || all[at] != '{') return {};
  at = skip(all, at + 1, ',');
  while (at < all.size() && all[at] == '"') {
    const std::size_t name_end = end_of_value(all, at);
    const std::string_view found = all.substr(at, name_end - at);
    const std::size_t value_start = skip(all, name_end, ':');
    const std::size_t value_end = end_of_value(all, value_start);
    if (found == wanted) return all.substr(value_start, value_end - value_start);
    // It may spell `name`, and then this is the first of that name.
    if (found.find('\\') != std::string_view::npos) return {};
    at = skip(all, value_end, ',');
  }
  return {};
}

}  // namespace quoted::collateral
