#include "base/stderr_line.h"

#include <signal.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace quoted::base {
namespace {

iovec part(const char* text) {
  return {.iov_base = const_cast<char*>(text), .iov_len = std::strlen(text)};
}

// Standard error may be a pipe whose reader has gone. The signal for that is sent to the thread
// that writes; it is held back, and taken away again unless one was waiting before.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    sigset_t pending{};
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;
  ~NoBrokenPipe() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  void take_away() const {
    const timespec at_once{};
    if (!was_pending_) ::sigtimedwait(&pipe_, nullptr, &at_once);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

}  // namespace

void write_stderr_line(const char* who, const char* message) noexcept {
  const NoBrokenPipe guard;
  const std::array line{part(who), part(": "), part(message), part("\n")};
  while (::writev(STDERR_FILENO, line.data(), line.size()) < 0) {
    if (errno == EPIPE) guard.take_away();
    if (errno != EINTR) return;
  }
}

}  // namespace quoted::base
