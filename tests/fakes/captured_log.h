// A logger whose lines a test can read back.
#pragma once

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "telemetry/log.h"

namespace quoted::test {

class CapturedLog {
 public:
  explicit CapturedLog(telemetry::Level level = telemetry::Level::kDebug)
      : file_(::memfd_create("log", MFD_CLOEXEC)),
        logger_(options(file_.get(), level), clock_) {}

  [[nodiscard]] telemetry::Logger& logger() { return logger_; }

  [[nodiscard]] std::string text() const {
    struct stat info {};
    ::fstat(file_.get(), &info);
    std::string out(static_cast<std::size_t>(info.st_size), '\0');
    const ssize_t got = ::pread(file_.get(), out.data(), out.size(), 0);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }

  // The lines that contain `part`, for instance an event name.
  [[nodiscard]] std::vector<std::string> lines_with(std::string_view part) const {
    std::vector<std::string> out;
    const std::string all = text();
    for (std::size_t at = 0; at < all.size();) {
      const std::size_t end = all.find('\n', at);
      std::string line = all.substr(at, end - at);
      if (line.find(part) != std::string::npos) out.push_back(std::move(line));
      if (end == std::string::npos) break;
      at = end + 1;
    }
    return out;
  }

 private:
  static telemetry::LogOptions options(int fd, telemetry::Level level) {
    telemetry::LogOptions out;
    out.fd = fd;
    out.level = level;
    return out;
  }

  telemetry::SystemLogClock clock_;
  base::UniqueFd file_;
  telemetry::Logger logger_;
};

}  // namespace quoted::test
