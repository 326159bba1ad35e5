#include "quote/measured_server.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <fstream>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace quoted::bench {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using std::chrono::nanoseconds;

// As shells say it.
constexpr int kCannotExecute = 127;

// The process and all below it.
std::vector<pid_t> family_of(pid_t pid) {
  std::vector<pid_t> out = {pid};
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::ifstream children(text("/proc/", out[i], "/task/", out[i], "/children"));
    for (pid_t child = 0; children >> child;) out.push_back(child);
  }
  std::ranges::sort(out);
  return out;
}

Result<nanoseconds> cpu_time_of(pid_t pid) {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &used) != 0) {
    return fail(ErrorCode::kInternal, text("process ", pid, " has no clock: it has ended"));
  }
  return std::chrono::seconds(used.tv_sec) + nanoseconds(used.tv_nsec);
}

}  // namespace

Result<MeasuredServer> MeasuredServer::start(const std::vector<std::string>& argv,
                                             const std::string& log) {
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const std::string& each : argv) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);

  const base::UniqueFd output(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const pid_t parent = ::getpid();
  const pid_t pid = output.valid() ? ::fork() : -1;
  if (pid < 0) {
    return fail(ErrorCode::kInternal,
                text("cannot start ", argv[0], ": ", base::errno_text(errno)));
  }
  if (pid == 0) {
    // However the measurement ends, its servers do as well.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(kCannotExecute);
    ::dup2(output.get(), STDOUT_FILENO);
    ::dup2(output.get(), STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(kCannotExecute);
  }
  return MeasuredServer(pid);
}

MeasuredServer::MeasuredServer(MeasuredServer&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), processes_(std::move(other.processes_)) {}

MeasuredServer::~MeasuredServer() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

Result<nanoseconds> MeasuredServer::cpu_time() {
  const std::vector<pid_t> family = family_of(pid_);
  if (processes_.empty()) processes_ = family;
  if (family != processes_) {
    return fail(ErrorCode::kInternal,
                text("the processes of server ", pid_, " are not those it had at first"));
  }
  nanoseconds sum{0};
  for (const pid_t each : family) {
    QUOTED_TRY(const nanoseconds used, cpu_time_of(each));
    sum += used;
  }
  return sum;
}

}  // namespace quoted::bench
