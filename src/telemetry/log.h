// A thin structured logger: an event name, a sentence, typed fields; one line each, as text for a
// terminal or JSON for a collector. No globals: whoever logs is given a Logger.
//
// Thread-safe. Never allocates and never throws, so that it works when memory is exhausted.
// Values are hostile (they come from clients): see log_line.h.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "telemetry/repeat_limiter.h"

namespace quoted::telemetry {

enum class Level : std::uint8_t { kDebug, kInfo, kWarning, kError };
enum class LogFormat : std::uint8_t { kText, kJson };

// "debug", "info", "warning", "error"; none for anything else.
[[nodiscard]] std::optional<Level> parse_level(std::string_view name);
[[nodiscard]] std::string_view name_of(Level level);

// Text when `fd` is a terminal, JSON otherwise.
[[nodiscard]] LogFormat format_for(int fd);

class Field {
 public:
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t>;

  Field(std::string_view name, std::string_view value) : name_(name), value_(value) {}
  Field(std::string_view name, const char* value) : Field(name, std::string_view(value)) {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>)
  Field(std::string_view name, Number value) : name_(name), value_(widen(value)) {}

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] const Value& value() const { return value_; }

 private:
  template <std::integral Number>
  static Value widen(Number value) {
    if constexpr (std::signed_integral<Number>) return std::int64_t{value};
    if constexpr (std::unsigned_integral<Number>) return std::uint64_t{value};
  }

  std::string_view name_;
  Value value_;
};

class LogClock {
 public:
  virtual ~LogClock() = default;
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall() const = 0;
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady() const = 0;
};

class SystemLogClock final : public LogClock {
 public:
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::now();
  }
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::now();
  }
};

struct LogOptions {
  int fd = 2;
  Level level = Level::kInfo;
  LogFormat format = LogFormat::kJson;
  RepeatLimits repeats{};
};

class Logger {
 public:
  // `clock` outlives the logger. The descriptor stays the caller's.
  Logger(const LogOptions& options, const LogClock& clock);
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  [[nodiscard]] bool enabled(Level level) const { return level >= options_.level; }

  // `event` is a constant of names.h. Repeats of one event beyond the limits are counted, not
  // written; the next line of that event carries the count in the field "suppressed". So are lines
  // that the descriptor does not take at once, in the next line of any event.
  void log(Level level, std::string_view event, std::string_view message,
           std::initializer_list<Field> fields = {}) noexcept;

  void debug(std::string_view event, std::string_view message,
             std::initializer_list<Field> fields = {}) noexcept {
    log(Level::kDebug, event, message, fields);
  }
  void info(std::string_view event, std::string_view message,
            std::initializer_list<Field> fields = {}) noexcept {
    log(Level::kInfo, event, message, fields);
  }
  void warning(std::string_view event, std::string_view message,
               std::initializer_list<Field> fields = {}) noexcept {
    log(Level::kWarning, event, message, fields);
  }
  void error(std::string_view event, std::string_view message,
             std::initializer_list<Field> fields = {}) noexcept {
    log(Level::kError, event, message, fields);
  }

 private:
  LogOptions options_;
  const LogClock& clock_;
  RepeatLimiter repeats_;
  std::atomic<std::uint64_t> lost_{0};  // lines the descriptor did not take
};

}  // namespace quoted::telemetry
