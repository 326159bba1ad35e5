#include "sgx_quote_ex/settings.h"

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <string_view>

namespace quoted::quote_ex {
namespace {

constexpr std::string_view kIntelSocket = "/var/run/aesmd/aesm.socket";

// Empty when it is not set.
std::string_view variable(const char* name) {
  const char* const value = ::secure_getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::chrono::milliseconds time_from(std::string_view digits, std::chrono::milliseconds otherwise) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::minutes(10);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_number = error == std::errc() && end == digits.data() + digits.size();
  if (!is_number || value < 1 || value > kLongest.count()) return otherwise;
  return std::chrono::milliseconds(value);
}

}  // namespace

Settings Settings::from_environment() {
  Settings out;
  const std::string_view socket = variable("QUOTED_SOCKET");
  out.socket = socket.empty() ? kIntelSocket : socket;
  out.client.timeout = time_from(variable("QUOTED_TIMEOUT_MS"), out.client.timeout);
  const std::string_view retry = variable("QUOTED_RETRY");
  if (retry != "off") {
    out.client.retry = aesm::kPatient;
    out.client.retry.longest_absence = time_from(retry, aesm::kPatient.longest_absence);
  }
  return out;
}

bool debug_wanted() { return !variable("QUOTED_DEBUG").empty(); }

}  // namespace quoted::quote_ex
