// A server in processes of its own, and the processor time that they have used. Ended with the
// object.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace quoted::bench {

class MeasuredServer {
 public:
  // Starts argv[0]; its output goes to `log`.
  [[nodiscard]] static base::Result<MeasuredServer> start(const std::vector<std::string>& argv,
                                                          const std::string& log);
  MeasuredServer(MeasuredServer&& other) noexcept;
  MeasuredServer& operator=(MeasuredServer&&) = delete;
  MeasuredServer(const MeasuredServer&) = delete;
  MeasuredServer& operator=(const MeasuredServer&) = delete;
  ~MeasuredServer();

  // User and system time of all its processes since they started. Fails when one of them has ended
  // or another has begun since the first call, for differences would then mean nothing.
  [[nodiscard]] base::Result<std::chrono::nanoseconds> cpu_time();

  [[nodiscard]] std::size_t processes() const { return processes_.size(); }

 private:
  explicit MeasuredServer(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  std::vector<pid_t> processes_;
};

}  // namespace quoted::bench
