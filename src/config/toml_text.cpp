#include "config/toml_text.h"

#include <algorithm>

#include "base/text.h"
#include "config/nesting.h"

// toml++ 3.3 asserts in places that text alone can reach ("[#" is one), and with NDEBUG tells the
// compiler to assume what it asserted. Here such text is an error like any other, in every build.
namespace quoted::config {
namespace {
struct UnexpectedText {};
[[noreturn]] void give_up() { throw UnexpectedText(); }
}  // namespace
}  // namespace quoted::config
#undef NDEBUG
#define TOML_ASSERT(condition)                     \
  do {                                             \
    if (!(condition)) ::quoted::config::give_up(); \
  } while (false)

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

namespace quoted::config {
namespace {

static_assert(TOML_MAX_NESTED_VALUES == kMaxNesting);

using base::text;

Place place_of(const toml::source_region& region) {
  return {std::max<std::uint32_t>(1, region.begin.line),
          std::max<std::uint32_t>(1, region.begin.column)};
}

std::optional<base::UnixTime> midnight(const toml::date& date) {
  const auto day = std::chrono::year(date.year) / date.month / date.day;
  if (!day.ok()) return std::nullopt;
  return base::UnixTime(std::chrono::sys_days(day));
}

// Fractions of a second are dropped.
Value::Content content_of(const toml::date_time& time) {
  const auto day = midnight(time.date);
  if (!day || !time.offset) return OtherKind{"a time without a zone"};
  return *day + std::chrono::hours(time.time.hour) + std::chrono::minutes(time.time.minute) +
         std::chrono::seconds(time.time.second) - std::chrono::minutes(time.offset->minutes);
}

Value::Content content_of(const toml::date& date) {
  const auto day = midnight(date);
  if (!day) return OtherKind{"a date that the calendar does not have"};
  return *day;
}

// Recursion is bounded by kMaxNesting and kMaxKeyDots.
Value convert(const toml::node& node);

Table convert_table(const toml::table& table) {
  Table out;
  out.reserve(table.size());
  for (const auto& [key, value] : table) {
    out.push_back({std::string(key.str()), place_of(key.source()), convert(value)});
  }
  std::ranges::sort(out, {}, &Member::place);
  return out;
}

Array convert_array(const toml::array& array) {
  Array out;
  out.reserve(array.size());
  for (const toml::node& item : array) out.push_back(convert(item));
  return out;
}

Value convert(const toml::node& node) {
  Value out;
  out.place = place_of(node.source());
  if (const auto* const table = node.as_table()) {
    out.content = convert_table(*table);
  } else if (const auto* const array = node.as_array()) {
    out.content = convert_array(*array);
  } else if (const auto* const string = node.as_string()) {
    out.content = string->get();
  } else if (const auto* const integer = node.as_integer()) {
    out.content = integer->get();
  } else if (const auto* const boolean = node.as_boolean()) {
    out.content = boolean->get();
  } else if (const auto* const date = node.as_date()) {
    out.content = content_of(date->get());
  } else if (const auto* const time = node.as_date_time()) {
    out.content = content_of(time->get());
  } else if (node.is_time()) {
    out.content = OtherKind{"a time of day"};
  } else {
    out.content = OtherKind{"a number with a fraction"};
  }
  return out;
}

// The library's words, and what they leave unsaid.
std::string explain(std::string_view description) {
  constexpr std::size_t kMaxDescription = 300;
  std::string out = "not TOML: ";
  for (const char c : description.substr(0, kMaxDescription)) {
    out += c >= ' ' && c <= '~' ? c : '?';
  }
  if (description.find("cannot redefine") != std::string_view::npos) {
    out +=
        "; each key and each [table] stands once, a table of which there are several is "
        "written [[table]]";
  }
  return out;
}

}  // namespace

std::string_view kind_name(const Value& value) {
  struct Name {
    std::string_view operator()(const std::string& content) const {
      return content.empty() ? "an empty string" : "a string";
    }
    std::string_view operator()(std::int64_t /*content*/) const { return "an integer"; }
    std::string_view operator()(bool /*content*/) const { return "a boolean"; }
    std::string_view operator()(base::UnixTime /*content*/) const { return "a date"; }
    std::string_view operator()(const OtherKind& content) const { return content.name; }
    std::string_view operator()(const Array& content) const {
      return content.empty() ? "an empty list" : "a list";
    }
    std::string_view operator()(const Table& /*content*/) const { return "a table"; }
  };
  return std::visit(Name(), value.content);
}

std::optional<Table> parse_toml(std::string_view all, Mistakes& mistakes) {
  if (all.size() > kMaxTextSize) {
    mistakes.add({}, text("the text has ", all.size(), " bytes, expected at most ", kMaxTextSize));
    return std::nullopt;
  }
  if (auto hostile = find_hostile(all)) {
    mistakes.add(hostile->place, std::move(hostile->message));
    return std::nullopt;
  }
  try {
    const toml::parse_result result = toml::parse(all);
    if (result) return convert_table(result.table());
    mistakes.add(place_of(result.error().source()), explain(result.error().description()));
  } catch (const UnexpectedText&) {
    mistakes.add({}, "not TOML: something stands where a key must begin, such as '[#'");
  }
  return std::nullopt;
}

}  // namespace quoted::config
