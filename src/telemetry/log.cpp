#include "telemetry/log.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "telemetry/log_line.h"

namespace quoted::telemetry {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};

// False when the line is lost. A pipe whose reader has stopped takes nothing more, and whoever logs
// serves clients: the line is given up rather than waited for.
bool write_line(int fd, std::string_view line) noexcept {
  pollfd out{.fd = fd, .events = POLLOUT, .revents = 0};
  if (::poll(&out, 1, 0) <= 0 || (out.revents & POLLOUT) == 0) return false;
  ssize_t written = -1;
  do {
    written = ::write(fd, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  return written >= 0;
}

}  // namespace

std::optional<Level> parse_level(std::string_view name) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == name) return static_cast<Level>(i);
  }
  return std::nullopt;
}

std::string_view name_of(Level level) { return kLevelNames[static_cast<std::size_t>(level)]; }

LogFormat format_for(int fd) { return ::isatty(fd) == 1 ? LogFormat::kText : LogFormat::kJson; }

Logger::Logger(const LogOptions& options, const LogClock& clock)
    : options_(options), clock_(clock), repeats_(options.repeats) {}

void Logger::log(Level level, std::string_view event, std::string_view message,
                 std::initializer_list<Field> fields) noexcept {
  if (!enabled(level)) return;
  const std::optional<std::uint64_t> suppressed = repeats_.admit(event, clock_.steady());
  if (!suppressed) return;

  LineBuffer buffer;
  const LogRecord record{.time = clock_.wall(),
                         .level = level,
                         .event = event,
                         .message = message,
                         .fields = {fields.begin(), fields.size()},
                         .suppressed = *suppressed + lost_.exchange(0)};
  if (!write_line(options_.fd, format_line(record, options_.format, buffer))) {
    lost_ += record.suppressed + 1;
  }
}

}  // namespace quoted::telemetry
