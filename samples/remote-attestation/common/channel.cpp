#include "common/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <thread>

#include "base/byte_reader.h"
#include "base/file.h"
#include "base/text.h"

namespace quoted::sample {
namespace {

using base::Bytes;
using base::ByteView;
using base::errno_text;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using base::UniqueFd;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr Milliseconds kConnectPause(20);

Milliseconds left_until(SteadyTime end) {
  return std::max(std::chrono::ceil<Milliseconds>(end - std::chrono::steady_clock::now()),
                  Milliseconds(0));
}

Result<sockaddr_un> address_of(const std::filesystem::path& socket) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  const std::string& name = socket.native();
  if (name.size() >= sizeof(out.sun_path)) {
    return fail(ErrorCode::kSocketPathTooLong,
                text("the socket path ", name, " has ", name.size(), " bytes, at most ",
                     sizeof(out.sun_path) - 1, " are possible"));
  }
  name.copy(out.sun_path, name.size());
  return out;
}

// socket(2) for an address is followed by bind or connect, which take it in this type.
const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

Result<UniqueFd> new_socket() {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) {
    return fail(ErrorCode::kSocketFailure, text("cannot make a socket: ", errno_text(errno)));
  }
  return fd;
}

// 0, or the error number; EAGAIN when the peer's backlog stayed full. Without a limit a blocking
// connect waits for as long as nobody accepts.
int connect_within(const UniqueFd& fd, const sockaddr_un& address, Milliseconds left) {
  const auto milliseconds = std::max<Milliseconds::rep>(left.count(), 1);  // 0 would be no limit
  const timeval limit{.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
  const bool connected =
      ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0 &&
      ::connect(fd.get(), generic(address), sizeof(address)) == 0;
  return connected ? 0 : errno;
}

// One transfer of a known number of bytes, for as long as its deadline allows.
struct Transfer {
  int fd;
  std::string_view peer;
  std::string_view what;
  SteadyTime end;
  Milliseconds timeout;

  [[nodiscard]] Status wait_for(short events) const {
    pollfd entry{.fd = fd, .events = events, .revents = 0};
    const Milliseconds left = left_until(end);
    if (left == Milliseconds(0)) {
      return fail(ErrorCode::kPeerTimeout,
                  text("the ", peer, " did not ", events == POLLIN ? "send" : "take", " the ", what,
                       " within ", timeout.count(), " ms"));
    }
    // Interrupted or too early: the caller tries and comes back.
    ::poll(&entry, 1, static_cast<int>(left.count()));
    return {};
  }

  [[nodiscard]] tl::unexpected<base::Error> broken(int error, std::string_view where) const {
    if (error == 0 || error == ECONNRESET || error == EPIPE) {
      return fail(ErrorCode::kPeerClosed,
                  text("the ", peer, " closed the connection ", where, " the ", what));
    }
    return fail(ErrorCode::kSocketFailure, text("the connection with the ", peer, " broke ", where,
                                                " the ", what, ": ", errno_text(error)));
  }

  [[nodiscard]] Status receive(std::span<std::byte> out) const {
    while (!out.empty()) {
      const ssize_t got = ::recv(fd, out.data(), out.size(), MSG_DONTWAIT);
      if (got > 0) {
        out = out.subspan(static_cast<std::size_t>(got));
      } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        QUOTED_CHECK(wait_for(POLLIN));
      } else {
        return broken(got == 0 ? 0 : errno, "before the end of");
      }
    }
    return {};
  }

  [[nodiscard]] Status send(ByteView bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN || errno == EINTR) {
        QUOTED_CHECK(wait_for(POLLOUT));
      } else {
        return broken(errno, "instead of taking");
      }
    }
    return {};
  }
};

}  // namespace

Result<Channel> Channel::connect(const std::filesystem::path& socket, std::string_view peer,
                                 Milliseconds timeout) {
  QUOTED_TRY(const sockaddr_un address, address_of(socket));
  const SteadyTime end = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    QUOTED_TRY(UniqueFd fd, new_socket());
    const int error = connect_within(fd, address, left_until(end));
    if (error == 0) return Channel(std::move(fd), peer, timeout);
    const bool no_time = left_until(end) == Milliseconds(0);
    if (error == EAGAIN && no_time) {
      return fail(ErrorCode::kPeerTimeout,
                  text("the ", peer, " on ", socket.native(),
                       " did not accept the connection within ", timeout.count(), " ms"));
    }
    const bool not_yet =
        error == ENOENT || error == ECONNREFUSED || error == EINTR || error == EAGAIN;
    if (!not_yet || no_time) {
      return fail(ErrorCode::kConnectFailed, text("cannot reach the ", peer, " on ",
                                                  socket.native(), ": ", errno_text(error)));
    }
    std::this_thread::sleep_for(std::min(kConnectPause, left_until(end)));
  }
}

Status Channel::send(ByteView message) const {
  const Transfer transfer{fd_.get(), peer_, "message", std::chrono::steady_clock::now() + timeout_,
                          timeout_};
  Bytes frame =
      base::to_bytes(base::struct_bytes(base::Le32(static_cast<std::uint32_t>(message.size()))));
  base::append(frame, message);
  return transfer.send(frame);
}

Result<Bytes> Channel::receive(std::size_t max_size, std::string_view what) const {
  const Transfer transfer{fd_.get(), peer_, what, std::chrono::steady_clock::now() + timeout_,
                          timeout_};
  std::array<std::byte, sizeof(base::Le32)> prefix{};
  QUOTED_CHECK(transfer.receive(prefix));
  QUOTED_TRY(const auto size, base::parse_struct<base::Le32>(prefix, "a length"));
  if (size > max_size) {
    return fail(ErrorCode::kFrameTooLarge,
                text("the ", peer_, " announces ", std::uint32_t{size}, " bytes for the ", what,
                     ", at most ", max_size, " are allowed"));
  }
  Bytes message(size);
  QUOTED_CHECK(transfer.receive(message));
  return message;
}

Result<Listener> Listener::create(const std::filesystem::path& socket) {
  QUOTED_TRY(const sockaddr_un address, address_of(socket));
  QUOTED_TRY(UniqueFd fd, new_socket());
  if (::bind(fd.get(), generic(address), sizeof(address)) != 0) {
    return fail(ErrorCode::kSocketFailure,
                text("cannot listen on ", socket.native(), ": ", errno_text(errno)));
  }
  // From here on the file is ours to remove.
  Listener out(std::move(fd), socket);
  if (::listen(out.fd_.get(), SOMAXCONN) != 0) {
    return fail(ErrorCode::kSocketFailure,
                text("cannot listen on ", socket.native(), ": ", errno_text(errno)));
  }
  return out;
}

Listener::~Listener() {
  if (fd_.valid()) ::unlink(socket_.c_str());
}

Result<Channel> Listener::accept(std::string_view peer, Milliseconds timeout) const {
  for (;;) {
    UniqueFd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (fd.valid()) return Channel(std::move(fd), peer, timeout);
    if (errno != EINTR && errno != ECONNABORTED) {
      return fail(ErrorCode::kSocketFailure,
                  text("cannot accept a connection: ", errno_text(errno)));
    }
  }
}

}  // namespace quoted::sample
