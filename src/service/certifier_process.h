// The certifier process as the supervisor runs it: started again whenever it ends, with longer and
// longer pauses, because quotes go on without it. Private to the supervisor.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "service/child_process.h"
#include "telemetry/log.h"

namespace quoted::service {

class CertifierProcess {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Main = std::function<int()>;

  // An empty `main` runs nothing.
  CertifierProcess(Main main, telemetry::Logger& logger)
      : main_(std::move(main)), logger_(logger) {}

  // The supervisor has no threads. A process that cannot be started is tried again.
  void start();
  // Looks whether it ended, and starts it again when its time has come.
  void handle_end_and_time();
  void stop() { process_.reset(), start_at_.reset(); }
  // In a sibling of the process.
  void forget() {
    if (process_) process_->forget();
  }

  // When handle_end_and_time is to be called, unless a child ends before.
  [[nodiscard]] std::optional<Time> next() const { return start_at_; }

 private:
  Main main_;
  telemetry::Logger& logger_;
  std::optional<ChildProcess> process_;
  std::optional<Time> start_at_;
  Time started_;
  unsigned failures_ = 0;
};

}  // namespace quoted::service
