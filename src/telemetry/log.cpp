#include "telemetry/log.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "telemetry/log_line.h"

namespace quoted::telemetry {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};

// A write that fails for another reason has nowhere to be reported.
void write_line(int fd, std::string_view line) noexcept {
  while (::write(fd, line.data(), line.size()) < 0 && errno == EINTR) {
  }
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
                         .suppressed = *suppressed};
  write_line(options_.fd, format_line(record, options_.format, buffer));
}

}  // namespace quoted::telemetry
