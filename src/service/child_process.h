// A process of the daemon, forked without exec by the supervisor, which has no threads. It ends
// when the supervisor does.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "service/control_channel.h"

namespace quoted::service {

class ExitStatus {
 public:
  explicit ExitStatus(int wait_status) : wait_status_(wait_status) {}

  [[nodiscard]] bool exited_with(int code) const;
  // "exited with code 1", "was killed by signal 9 (Killed)"
  [[nodiscard]] std::string text() const;

 private:
  int wait_status_;
};

class ChildProcess {
 public:
  // Runs in the child; what it returns is the child's exit code.
  using Body = std::function<int(const ControlChannel& to_supervisor)>;

  // The caller has no threads. Signals that the caller blocks stay blocked in the child.
  [[nodiscard]] static base::Result<ChildProcess> start(const Body& body);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  // A child that still runs is killed.
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const ControlChannel& control() const { return control_; }

  void signal(int signal) const;

  // In another child of the same parent, where this one is a sibling: lets go of it and its channel.
  void forget() {
    pid_ = 0;
    control_.close();
  }

  // Once: how it ended, if it has.
  [[nodiscard]] std::optional<ExitStatus> ended();

 private:
  ChildProcess(pid_t pid, ControlChannel control) : pid_(pid), control_(std::move(control)) {}

  pid_t pid_;  // 0 once it has ended
  ControlChannel control_;
};

}  // namespace quoted::service
