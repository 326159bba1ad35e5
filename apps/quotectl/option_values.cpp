#include "quotectl/option_values.h"

#include <algorithm>
#include <charconv>

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using base::UnixTime;

constexpr std::int64_t kLastSecond = 253402300799;  // of the year 9999

// Reads fields of fixed width; once one does not fit, nothing does.
class Scanner {
 public:
  explicit Scanner(std::string_view rest) : rest_(rest) {}

  int digits(std::size_t count) {
    int value = 0;
    const char* const begin = rest_.data();
    const char* const end = begin + std::min(count, rest_.size());
    const auto [stop, error] = std::from_chars(begin, end, value);
    // from_chars takes a minus sign as well.
    ok_ = ok_ && rest_.size() >= count && error == std::errc() && stop == end && rest_[0] != '-';
    rest_.remove_prefix(ok_ ? count : 0);
    return value;
  }

  bool one_of(std::string_view characters) {
    if (!ok_ || rest_.empty() || characters.find(rest_[0]) == std::string_view::npos) return false;
    last_ = rest_[0];
    rest_.remove_prefix(1);
    return true;
  }
  void need(std::string_view characters) { ok_ = one_of(characters); }

  void skip_digits() {
    const std::size_t end = rest_.find_first_not_of("0123456789");
    ok_ = ok_ && end != 0 && !rest_.empty();
    rest_.remove_prefix(ok_ ? std::min(end, rest_.size()) : 0);
  }

  [[nodiscard]] char last() const { return last_; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  char last_ = 0;
  bool ok_ = true;
};

// RFC 3339, section 5.6. A leap second counts as the second after it.
std::optional<UnixTime> parse_rfc3339(std::string_view value) {
  Scanner in(value);
  const int year = in.digits(4);
  in.need("-");
  const int month = in.digits(2);
  in.need("-");
  const int day = in.digits(2);
  in.need("Tt ");
  const int hour = in.digits(2);
  in.need(":");
  const int minute = in.digits(2);
  in.need(":");
  const int second = in.digits(2);
  if (in.one_of(".")) in.skip_digits();
  in.need("Zz+-");
  const char zone = in.last();
  std::chrono::minutes offset(0);
  if (zone == '+' || zone == '-') {
    const int hours = in.digits(2);
    in.need(":");
    const int minutes = in.digits(2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    if (zone == '-') offset = -offset;
  }
  const auto date = std::chrono::year(year) / month / day;
  if (!in.ok() || !in.at_end() || !date.ok() || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) - offset;
}

std::optional<UnixTime> parse_unix(std::string_view value) {
  std::int64_t seconds = 0;
  const char* const begin = value.data();
  const char* const end = begin + value.size();
  const auto [stop, error] = std::from_chars(begin, end, seconds);
  if (error != std::errc() || stop != end) return std::nullopt;
  return UnixTime(std::chrono::seconds(seconds));
}

std::string two_digits(std::int64_t value) {
  return text(static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10));
}

}  // namespace

Result<UnixTime> parse_time(std::string_view flag, std::string_view value) {
  auto time = parse_unix(value);
  if (!time) time = parse_rfc3339(value);
  if (!time) {
    return fail(ErrorCode::kInvalidArgument,
                text(flag, " takes seconds since 1970 or a time like 2025-07-04T10:28:44Z, got '",
                     value, "'"));
  }
  const auto seconds = time->time_since_epoch().count();
  if (seconds < 0 || seconds > kLastSecond) {
    return fail(ErrorCode::kInvalidArgument,
                text(flag, " takes a time between the years 1970 and 9999, got '", value, "'"));
  }
  return *time;
}

std::string format_time(UnixTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const int year = static_cast<int>(date.year());
  return text(two_digits(year / 100), two_digits(year % 100), '-',
              two_digits(unsigned{date.month()}), '-', two_digits(unsigned{date.day()}), 'T',
              two_digits(clock.hours().count()), ':', two_digits(clock.minutes().count()), ':',
              two_digits(clock.seconds().count()), 'Z');
}

}  // namespace quoted::quotectl
