// The real daemon on the simulated platform, which a test may kill without warning and start again,
// and the real quotectl beside it.
#pragma once

#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "aesm/client.h"
#include "base/text.h"
#include "test_support/subprocess.h"
#include "test_support/temp_dir.h"

namespace quoted::test {

class RealDaemon {
 public:
  RealDaemon() {
    // Its front processes become ours when it is killed, so that we can wait for their end too.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  }
  RealDaemon(const RealDaemon&) = delete;
  RealDaemon& operator=(const RealDaemon&) = delete;
  ~RealDaemon() {
    if (supervisor_) supervisor_->terminate();
  }

  [[nodiscard]] std::string socket() const { return directory_ / "aesm.socket"; }
  [[nodiscard]] const TempDir& directory() const { return directory_; }

  // Does not wait until it serves.
  void start() {
    supervisor_ = std::make_unique<Process>(
        std::vector<std::string>{QUOTED_BINARY, "--platform", "simulated", "--socket", socket(),
                                 "--state-dir", directory_ / "state"});
  }

  void wait_until_it_serves() {
    const aesm::Client client(socket());
    const auto ready = [&] { return !supervisor_->running() || client.init_quote().has_value(); };
    if (!Process::eventually(ready, std::chrono::seconds(60)) || !supervisor_->running()) {
      throw std::runtime_error("the daemon does not serve; it said: " + supervisor_->err());
    }
  }

  // SIGKILL for every process of it; returns when they are gone.
  void kill() {
    supervisor_->signal(SIGKILL);
    supervisor_->wait();
    supervisor_.reset();
    // All children that are left came to us from the supervisor, also one that it had only begun
    // to start.
    for (const pid_t front : children(::getpid())) {
      ::kill(front, SIGKILL);
      while (::waitpid(front, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }

  // SIGKILL for the process that serves; the supervisor starts another.
  void kill_front() const {
    for (const pid_t front : children(supervisor_->pid())) ::kill(front, SIGKILL);
  }

  // The path of a REPORT that it accepts, and goes on accepting when it is restarted.
  [[nodiscard]] std::string make_report() const {
    const std::string file = directory_ / "report";
    must_succeed({QUOTECTL_BINARY, "report", "--socket", socket(), "--out", file});
    return file;
  }

  // The directory of collateral, with the root certificate, by which its quotes are judged.
  [[nodiscard]] std::string make_collateral() const {
    const std::string out = directory_ / "collateral";
    must_succeed(
        {QUOTECTL_BINARY, "sim", "collateral", "--state-dir", directory_ / "state", "--out", out});
    return out;
  }

  // Throws what quotectl says when the quote in `file` does not verify.
  void must_verify(const std::string& file) const {
    const std::string root = directory_ / "root.pem";
    must_succeed({QUOTECTL_BINARY, "sim", "root", "--out", root});
    must_succeed({QUOTECTL_BINARY, "verify", file, "--root", root});
  }

 private:
  static void must_succeed(const std::vector<std::string>& command) {
    const ProcessResult result = run(command);
    if (result.exit_code != 0) {
      throw std::runtime_error(
          base::text(command[1], " ends with ", result.exit_code, ": ", result.out, result.err));
    }
  }

  // Of all its threads, since the kernel gives an orphan to any of them.
  static std::vector<pid_t> children(pid_t parent) {
    std::vector<pid_t> out;
    const std::filesystem::path tasks = "/proc/" + std::to_string(parent) + "/task";
    std::error_code ignored;
    for (const auto& task : std::filesystem::directory_iterator(tasks, ignored)) {
      std::ifstream in(task.path() / "children");
      out.insert(out.end(), std::istream_iterator<pid_t>(in), {});
    }
    return out;
  }

  TempDir directory_;
  std::unique_ptr<Process> supervisor_;
};

}  // namespace quoted::test
