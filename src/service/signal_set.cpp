#include "service/signal_set.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/text.h"

namespace quoted::service {

base::Result<SignalSet> SignalSet::block(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) {
    return base::fail(base::ErrorCode::kInternal,
                      base::text("cannot block signals: ", base::errno_text(errno)));
  }
  base::UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) {
    return base::fail(base::ErrorCode::kInternal,
                      base::text("cannot watch signals: ", base::errno_text(errno)));
  }
  return SignalSet(std::move(fd));
}

std::optional<int> SignalSet::next() {
  signalfd_siginfo info{};
  const ssize_t got = ::read(fd_.get(), &info, sizeof info);
  if (got != static_cast<ssize_t>(sizeof info)) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

int SignalSet::wait() {
  while (true) {
    if (const auto signal = next()) return *signal;
    pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    ::poll(&ready, 1, -1);
  }
}

}  // namespace quoted::service
