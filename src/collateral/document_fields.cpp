#include "collateral/document_fields.h"

#include <limits>

namespace quoted::collateral {
namespace {

using base::text;

// As much of a hostile value as belongs into a sentence.
std::string shown(const std::string& value) {
  constexpr std::size_t kMaxShown = 60;
  return value.size() <= kMaxShown ? value : value.substr(0, kMaxShown) + "...";
}

// The `count` decimal digits at `at`; nothing when there are other characters.
std::optional<int> digits(std::string_view date, std::size_t at, std::size_t count) {
  int out = 0;
  for (const char c : date.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    out = 10 * out + (c - '0');
  }
  return out;
}

}  // namespace

std::optional<base::UnixTime> parse_document_date(std::string_view date) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00Z";
  if (date.size() != kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] != '0' && date[i] != kShape[i]) return std::nullopt;
  }
  const auto year = digits(date, 0, 4);
  const auto month = digits(date, 5, 2);
  const auto day = digits(date, 8, 2);
  const auto hour = digits(date, 11, 2);
  const auto minute = digits(date, 14, 2);
  const auto second = digits(date, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day calendar{std::chrono::year(*year),
                                             std::chrono::month(static_cast<unsigned>(*month)),
                                             std::chrono::day(static_cast<unsigned>(*day))};
  if (!calendar.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return std::chrono::sys_days(calendar) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

Judged<const JsonValue*> field(const JsonValue& object, std::string_view name, QvlStatus missing) {
  const JsonValue* const found = object.member(name);
  if (found == nullptr) return flaw(missing, text("'", name, "' is missing"));
  return found;
}

Judged<const std::string*> string_field(const JsonValue& object, std::string_view name,
                                        const FieldStatuses& statuses) {
  QUOTED_JUDGE(const JsonValue* const value, field(object, name, statuses.missing));
  if (value->string() == nullptr) return flaw(statuses.bad, text("'", name, "' is not a string"));
  return value->string();
}

Judged<base::UnixTime> date_field(const JsonValue& object, std::string_view name,
                                  const FieldStatuses& statuses) {
  QUOTED_JUDGE(const std::string* const value, string_field(object, name, statuses));
  const auto date = parse_document_date(*value);
  if (!date) {
    return flaw(statuses.bad, text("'", name, "' is '", shown(*value),
                                   "', expected a time like 2025-07-04T10:28:44Z"));
  }
  return *date;
}

Judged<std::uint32_t> unsigned_field(const JsonValue& object, std::string_view name,
                                     const FieldStatuses& statuses) {
  QUOTED_JUDGE(const JsonValue* const value, field(object, name, statuses.missing));
  const std::uint64_t* const number = value->number();
  if (number == nullptr || *number > std::numeric_limits<std::uint32_t>::max()) {
    return flaw(statuses.bad, text("'", name, "' is not an unsigned number of 32 bits"));
  }
  return static_cast<std::uint32_t>(*number);
}

Judged<const JsonArray*> filled_array_field(const JsonValue& object, std::string_view name,
                                            const FieldStatuses& statuses) {
  QUOTED_JUDGE(const JsonValue* const value, field(object, name, statuses.missing));
  if (value->array() == nullptr || value->array()->empty()) {
    return flaw(statuses.bad, text("'", name, "' is not an array with elements"));
  }
  return value->array();
}

Judged<std::vector<std::string>> advisories_field(const JsonValue& object, QvlStatus bad) {
  std::vector<std::string> out;
  const JsonValue* const value = object.member("advisoryIDs");
  if (value == nullptr) return out;
  if (value->array() == nullptr) return flaw(bad, "'advisoryIDs' is not an array");
  for (const JsonValue& item : *value->array()) {
    if (item.string() == nullptr) return flaw(bad, "'advisoryIDs' holds what is not a string");
    out.push_back(*item.string());
  }
  return out;
}

}  // namespace quoted::collateral
