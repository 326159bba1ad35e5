#include "aesm/testing/fake_service.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "aesm/framing.h"

namespace quoted::aesm::test {
namespace {

using namespace std::chrono_literals;
using base::Bytes;
using base::ByteView;
using base::UniqueFd;

constexpr auto kPatience = 10s;

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof(address.sun_path)) throw std::length_error(path.native());
  path.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

[[noreturn]] void give_up(const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), path.native());
}

UniqueFd make_socket(const std::filesystem::path& path, int flags) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  if (!fd.valid()) give_up(path);
  return fd;
}

void limit_waits(int fd) {
  const timeval limit{.tv_sec = std::chrono::seconds(kPatience).count(), .tv_usec = 0};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    ::setsockopt(fd, SOL_SOCKET, option, &limit, sizeof(limit));
  }
}

// False on the end of the stream.
bool read_exactly(int fd, std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = ::recv(fd, out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace

ServedConnection::ServedConnection(int fd, int index) : fd_(fd), index_(index) { limit_waits(fd); }

Bytes ServedConnection::read_request() {
  std::array<std::byte, kFramePrefixSize> prefix{};
  if (!read_exactly(fd_, prefix)) return {};
  Bytes body(decode_frame_prefix(prefix, std::size_t{16} * 1024 * 1024).value());
  return read_exactly(fd_, body) ? body : Bytes{};
}

bool ServedConnection::write(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

void ServedConnection::wait_until_taken() {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (int queued = 1; std::chrono::steady_clock::now() < end;) {
    if (::ioctl(fd_, SIOCOUTQ, &queued) != 0 || queued == 0) return;
    std::this_thread::yield();
  }
}

void ServedConnection::wait_until_client_closes() {
  std::array<std::byte, 4096> ignored{};
  while (::recv(fd_, ignored.data(), ignored.size(), 0) > 0) {
  }
}

FakeService::FakeService(const std::filesystem::path& socket, Script script)
    : listener_(listen_on(socket, SOMAXCONN)),
      thread_([this, script = std::move(script)] { run(script); }) {}

FakeService::~FakeService() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
}

void FakeService::run(const Script& script) {
  for (;;) {
    const UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection.valid()) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return;
    }
    script(ServedConnection(connection.get(), connections_++));
  }
}

UniqueFd listen_on(const std::filesystem::path& path, int backlog) {
  const sockaddr_un address = address_of(path);
  UniqueFd fd = make_socket(path, 0);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(fd.get(), backlog) != 0) {
    give_up(path);
  }
  limit_waits(fd.get());
  return fd;
}

UniqueFd connect_at_once(const std::filesystem::path& path) {
  const sockaddr_un address = address_of(path);
  UniqueFd fd = make_socket(path, SOCK_NONBLOCK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    fd.reset();
  }
  return fd;
}

}  // namespace quoted::aesm::test
