#include "simulation/authority/utc_text.h"

#include <array>
#include <ctime>

namespace quoted::simulation {
namespace {

constexpr const char* kForm = "%Y-%m-%dT%H:%M:%SZ";

}  // namespace

bool has_utc_text(base::UnixTime time) {
  return time >= base::UnixTime() &&
         time < std::chrono::sys_days(std::chrono::year(10000) / std::chrono::January / 1);
}

std::string utc_text(base::UnixTime time) {
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm parts{};
  std::array<char, 32> out{};
  ::gmtime_r(&seconds, &parts);
  return {out.data(), std::strftime(out.data(), out.size(), kForm, &parts)};
}

std::optional<base::UnixTime> parse_utc_text(const std::string& text) {
  std::tm parts{};
  if (::strptime(text.c_str(), kForm, &parts) == nullptr) return std::nullopt;
  const base::UnixTime time{std::chrono::seconds(::timegm(&parts))};
  // strptime is lenient: only what would be written this way was meant.
  if (!has_utc_text(time) || utc_text(time) != text) return std::nullopt;
  return time;
}

}  // namespace quoted::simulation
