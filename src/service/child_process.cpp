#include "service/child_process.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <utility>

#include "base/file.h"
#include "base/text.h"

namespace quoted::service {
namespace {

constexpr int kDefectExitCode = 70;

[[noreturn]] void run_child(pid_t parent, const ChildProcess::Body& body,
                            const ControlChannel& control) {
  // The parent may have ended before the request took effect.
  if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || ::getppid() != parent) ::_exit(kDefectExitCode);
  int code = kDefectExitCode;
  try {
    code = body(control);
  } catch (const std::exception& error) {
    control.send({base::Error(base::ErrorCode::kInternal,
                              base::text("a child process failed: ", error.what()))});
  }
  // Not exit(): what the parent registered or buffered is the parent's.
  ::_exit(code);
}

}  // namespace

bool ExitStatus::exited_with(int code) const {
  return WIFEXITED(wait_status_) && WEXITSTATUS(wait_status_) == code;
}

std::string ExitStatus::text() const {
  if (WIFEXITED(wait_status_)) return base::text("exited with code ", WEXITSTATUS(wait_status_));
  const int signal = WTERMSIG(wait_status_);
  const char* name = ::sigdescr_np(signal);
  return base::text("was killed by signal ", signal, " (", name == nullptr ? "unknown" : name, ")");
}

base::Result<ChildProcess> ChildProcess::start(const Body& body) {
  QUOTED_TRY(auto ends, ControlChannel::create());
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    return base::fail(base::ErrorCode::kInternal,
                      base::text("cannot start a process: ", base::errno_text(errno)));
  }
  if (pid == 0) {
    {
      const ControlChannel parents_end = std::move(ends.first);
    }
    run_child(parent, body, ends.second);
  }
  return ChildProcess(pid, std::move(ends.first));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), control_(std::move(other.control_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(control_, other.control_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ == 0) return;
  signal(SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ChildProcess::signal(int signal) const {
  if (pid_ != 0) ::kill(pid_, signal);
}

std::optional<ExitStatus> ChildProcess::ended() {
  int wait_status = 0;
  if (pid_ == 0 || ::waitpid(pid_, &wait_status, WNOHANG) != pid_) return std::nullopt;
  pid_ = 0;
  return ExitStatus(wait_status);
}

}  // namespace quoted::service
