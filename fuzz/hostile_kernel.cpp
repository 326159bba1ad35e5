#include "hostile_kernel.h"

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "fuzz.h"

namespace quoted::fuzz {
namespace {

using std::chrono::milliseconds;

HostileKernel* in_charge = nullptr;

int fails(int error) {
  errno = error;
  return -1;
}

// `part` sixteenths of `whole`.
HostileKernel::Time sixteenths(HostileKernel::Time whole, unsigned part) {
  return whole / 16 * static_cast<int>(part);
}

}  // namespace

HostileKernel::HostileKernel(Splitter input, bool endless) : input_(input), endless_(endless) {
  in_charge = this;
}
HostileKernel::~HostileKernel() { in_charge = nullptr; }

bool HostileKernel::misfortune(unsigned& how) {
  const unsigned choice = input_.last_byte();
  how = choice >> 4U;
  return (choice & 3U) == 3;
}

int HostileKernel::socket(int domain, int type, int protocol) {
  require(domain == AF_UNIX && type == (SOCK_STREAM | SOCK_CLOEXEC) && protocol == 0);
  // The one before was closed: its number is free again.
  require(fd_ < 0 || ::fcntl(fd_, F_GETFD) < 0);
  ++sockets_made_;
  connected_ = false;
  delivered_.clear();
  unsigned how = 0;
  if (misfortune(how)) {
    constexpr std::array kErrors{EMFILE, ENFILE, ENOMEM, EAFNOSUPPORT};
    if (how < kErrors.size()) return fails(kErrors.at(how));
  }
  // A descriptor for the client to close.
  fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  return fd_;
}

int HostileKernel::setsockopt(int fd, int level, int option, const void* value, socklen_t size) {
  require(fd == fd_ && level == SOL_SOCKET && option == SO_SNDTIMEO && size == sizeof(timeval));
  timeval limit{};
  std::memcpy(&limit, value, sizeof(limit));
  send_timeout_ = std::chrono::seconds(limit.tv_sec) + std::chrono::microseconds(limit.tv_usec);
  require(send_timeout_ > Time(0));  // zero would mean for ever
  return 0;
}

int HostileKernel::connect(int fd) {
  require(fd == fd_ && !connected_);
  unsigned how = 0;
  if (misfortune(how)) {
    constexpr std::array kErrors{ENOENT,  ECONNREFUSED, EACCES,   EPERM, ENOTDIR, ECONNREFUSED,
                                 EAGAIN,  EAGAIN,       EINTR,    ELOOP, ENOENT,  EPROTOTYPE,
                                 ENOTDIR, ECONNRESET,   ENETDOWN, ENOMEM};
    const int error = kErrors.at(how);
    if (error == EAGAIN) pass(send_timeout_);
    if (error == EINTR) pass(sixteenths(send_timeout_, how));
    return fails(error);
  }
  connected_ = true;
  ++connections_made_;
  return 0;
}

ssize_t HostileKernel::send(int fd, const void* data, std::size_t size, int flags) {
  // No signal, and no wait without a deadline.
  require(fd == fd_ && connected_ && flags == (MSG_NOSIGNAL | MSG_DONTWAIT));
  require(data != nullptr && size > 0);
  unsigned how = 0;
  if (!misfortune(how)) return static_cast<ssize_t>(size);
  switch (how) {
    case 0:
      return fails(EAGAIN);
    case 1:
      return fails(EINTR);
    case 2:
      return fails(EPIPE);
    case 3:
      return fails(ECONNRESET);
    case 4:
      return fails(ENOBUFS);
    default:
      return static_cast<ssize_t>(std::min<std::size_t>(size, how));
  }
}

ssize_t HostileKernel::recv(int fd, void* data, std::size_t size, int flags) {
  require(fd == fd_ && connected_ && flags == MSG_DONTWAIT && size > 0);
  // Memory for an answer only after as much of it has arrived.
  constexpr std::size_t kFreeOfCharge = std::size_t{64} * 1024;
  require(size <= std::max(kFreeOfCharge, delivered_.size()));
  unsigned how = 0;
  std::size_t most = size;
  if (misfortune(how)) {
    switch (how) {
      case 0:
        return fails(EAGAIN);
      case 1:
        return fails(EINTR);
      case 2:
        return fails(ECONNRESET);
      case 3:
        return fails(ENOMEM);
      case 4:
        return 0;
      default:
        most = std::min<std::size_t>(size, how - 4);
    }
  }
  const base::ByteView piece = input_.take(most);
  if (!piece.empty()) {
    std::memcpy(data, piece.data(), piece.size());
    base::append(delivered_, piece);
    return static_cast<ssize_t>(piece.size());
  }
  if (!endless_) return 0;
  std::memset(data, 0, most);
  delivered_.resize(delivered_.size() + most);
  return static_cast<ssize_t>(most);
}

int HostileKernel::poll(pollfd* entries, nfds_t count, int timeout) {
  require(count == 1 && entries->fd == fd_ && connected_ && timeout > 0);
  const Time longest = milliseconds(timeout);
  unsigned how = 0;
  entries->revents = entries->events;
  if (!misfortune(how)) return 1;
  switch (how) {
    case 0:
      pass(longest);
      entries->revents = 0;
      return 0;
    case 1:
      return fails(ENOMEM);
    case 2:
      entries->revents = POLLHUP;
      return 1;
    case 3:
      entries->revents = POLLERR;
      return 1;
    case 4:
    case 5:
      pass(sixteenths(longest, how));
      return fails(EINTR);
    default:
      pass(sixteenths(longest, how));
      return 1;
  }
}

int HostileKernel::nanosleep(const timespec* wanted, timespec* left) {
  const Time time = std::chrono::seconds(wanted->tv_sec) + Time(wanted->tv_nsec);
  unsigned how = 0;
  const Time slept = misfortune(how) ? sixteenths(time, how) : time;
  pass(slept);
  if (slept == time) return 0;
  *left = {.tv_sec = 0, .tv_nsec = (time - slept).count()};  // pauses are far below a second
  return fails(EINTR);
}

HostileKernel::Time HostileKernel::now() {
  // Every look at the clock takes its time, so that whoever waits by looking comes to an end.
  pass(Time(100));
  return now_;
}

}  // namespace quoted::fuzz

// What the linker puts in the place of the C library's functions. It chooses the names.
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,misc-use-internal-linkage)

using quoted::fuzz::in_charge;

extern "C" {

int __real_socket(int domain, int type, int protocol);
int __real_setsockopt(int fd, int level, int option, const void* value, socklen_t size);
int __real_connect(int fd, const sockaddr* address, socklen_t size);
ssize_t __real_send(int fd, const void* data, std::size_t size, int flags);
ssize_t __real_recv(int fd, void* data, std::size_t size, int flags);
int __real_poll(pollfd* entries, nfds_t count, int timeout);
int __real_nanosleep(const timespec* wanted, timespec* left);
std::int64_t __real__ZNSt6chrono3_V212steady_clock3nowEv();

int __wrap_socket(int domain, int type, int protocol) {
  if (in_charge == nullptr) return __real_socket(domain, type, protocol);
  return in_charge->socket(domain, type, protocol);
}
int __wrap_setsockopt(int fd, int level, int option, const void* value, socklen_t size) {
  if (in_charge == nullptr) return __real_setsockopt(fd, level, option, value, size);
  return in_charge->setsockopt(fd, level, option, value, size);
}
int __wrap_connect(int fd, const sockaddr* address, socklen_t size) {
  if (in_charge == nullptr) return __real_connect(fd, address, size);
  return in_charge->connect(fd);
}
ssize_t __wrap_send(int fd, const void* data, std::size_t size, int flags) {
  if (in_charge == nullptr) return __real_send(fd, data, size, flags);
  return in_charge->send(fd, data, size, flags);
}
ssize_t __wrap_recv(int fd, void* data, std::size_t size, int flags) {
  if (in_charge == nullptr) return __real_recv(fd, data, size, flags);
  return in_charge->recv(fd, data, size, flags);
}
int __wrap_poll(pollfd* entries, nfds_t count, int timeout) {
  if (in_charge == nullptr) return __real_poll(entries, count, timeout);
  return in_charge->poll(entries, count, timeout);
}
int __wrap_nanosleep(const timespec* wanted, timespec* left) {
  if (in_charge == nullptr) return __real_nanosleep(wanted, left);
  return in_charge->nanosleep(wanted, left);
}

// With _FORTIFY_SOURCE the compiler may call these instead.
ssize_t __wrap___recv_chk(int fd, void* data, std::size_t size, std::size_t, int flags) {
  return __wrap_recv(fd, data, size, flags);
}
int __wrap___poll_chk(pollfd* entries, nfds_t count, int timeout, std::size_t) {
  return __wrap_poll(entries, count, timeout);
}

// std::chrono::steady_clock::now(); a time_point is returned as the number inside.
std::int64_t __wrap__ZNSt6chrono3_V212steady_clock3nowEv() {
  if (in_charge == nullptr) return __real__ZNSt6chrono3_V212steady_clock3nowEv();
  return in_charge->now().count();
}
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,misc-use-internal-linkage)
