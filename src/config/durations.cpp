#include "config/durations.h"

#include <array>
#include <charconv>

#include "base/text.h"

namespace quoted::config {
namespace {

using std::chrono::seconds;

struct Unit {
  char letter;
  seconds length;
};

// Weeks are read but not written: "30d" beside "4w" would be harder to compare.
constexpr std::array kUnits{Unit{'w', std::chrono::weeks(1)}, Unit{'d', std::chrono::days(1)},
                            Unit{'h', std::chrono::hours(1)}, Unit{'m', std::chrono::minutes(1)},
                            Unit{'s', seconds(1)}};

}  // namespace

std::optional<seconds> parse_duration(std::string_view text) {
  if (text.empty() || text.front() == '-') return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (text.back() != unit.letter) continue;
    std::int64_t count = 0;
    const char* const end = text.data() + text.size() - 1;
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc() || stop != end || count > kMaxDuration / unit.length) {
      return std::nullopt;
    }
    return unit.length * count;
  }
  return std::nullopt;
}

std::string duration_text(seconds duration) {
  for (const Unit& unit : kUnits) {
    if (unit.letter != 'w' && duration % unit.length == seconds(0)) {
      return base::text(std::int64_t{duration / unit.length}, unit.letter);
    }
  }
  return base::text(std::int64_t{duration.count()}, 's');
}

}  // namespace quoted::config
