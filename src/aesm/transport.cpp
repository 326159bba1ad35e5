#include "aesm/transport.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "aesm/framing.h"
#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace quoted::aesm {
namespace {

using base::Bytes;
using base::ByteView;
using base::errno_text;
using base::Error;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using std::chrono::milliseconds;

// Memory for an answer grows with what has arrived, so that a length which a hostile service only
// announces costs nothing.
constexpr std::size_t kFirstBodyStep = std::size_t{64} * 1024;

// Where a program has closed its standard descriptors their numbers are free, and it and
// QUOTED_DEBUG may still write to them, which has to miss the connection.
base::UniqueFd new_socket() {
  base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid() || fd.get() > STDERR_FILENO) return fd;
  return base::UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

class Connection {
 public:
  Connection(const std::filesystem::path& socket, const Deadline& deadline,
             base::UniqueFd fd = base::UniqueFd())
      : socket_(socket), deadline_(deadline), fd_(std::move(fd)) {}

  [[nodiscard]] base::UniqueFd release() { return std::move(fd_); }

  Status open() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& name = socket_.native();
    if (name.size() >= sizeof(address.sun_path)) {
      return fail(ErrorCode::kSocketPathTooLong,
                  text("the socket path ", name, " has ", name.size(), " bytes, at most ",
                       sizeof(address.sun_path) - 1, " are possible"));
    }
    name.copy(address.sun_path, name.size());

    fd_ = new_socket();
    if (!fd_.valid()) return fail(descriptor_error(errno));
    return connect(address);
  }

  Status send(ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t sent =
          ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        QUOTED_CHECK(wait_for(POLLOUT, "take the request"));
      } else if (errno == EPIPE || errno == ECONNRESET) {
        return closed(text("with ", bytes.size(), " bytes of the request unread"));
      } else if (errno != EINTR) {
        return failed("write to", errno);
      }
    }
    return {};
  }

  Result<std::array<std::byte, kFramePrefixSize>> receive_prefix() {
    std::array<std::byte, kFramePrefixSize> prefix{};
    QUOTED_CHECK(receive(prefix, {.name = "length", .before = 0, .size = prefix.size()}));
    return prefix;
  }

  Result<Bytes> receive_body(std::size_t size) {
    Bytes body;
    while (body.size() < size) {
      const std::size_t before = body.size();
      body.resize(std::min(size, std::max(2 * before, kFirstBodyStep)));
      QUOTED_CHECK(receive(std::span(body).subspan(before),
                           {.name = "body", .before = before, .size = size}));
    }
    return body;
  }

 private:
  // The part of the answer that is being received, for the message when the peer closes early.
  struct Part {
    std::string_view name;
    std::size_t before;
    std::size_t size;
  };

  Status receive(std::span<std::byte> out, const Part& part) {
    for (std::size_t filled = 0; filled < out.size();) {
      const ssize_t got = ::recv(fd_.get(), out.data() + filled, out.size() - filled, MSG_DONTWAIT);
      if (got > 0) {
        filled += static_cast<std::size_t>(got);
      } else if (got == 0 || errno == ECONNRESET) {
        return closed(text("after ", part.before + filled, " of the ", part.size,
                           " bytes of the answer's ", part.name));
      } else if (errno == EAGAIN) {
        QUOTED_CHECK(wait_for(POLLIN, "answer"));
      } else if (errno != EINTR) {
        return failed("read from", errno);
      }
    }
    return {};
  }

  // A blocking connect bounded by SO_SNDTIMEO waits in the kernel's own queue for a place in a
  // full backlog; a non-blocking one would have to come back by polling, behind those who wait.
  // Tried once even when no time is left: that nobody is there is another answer than that
  // somebody is too slow (aesm-protocol 4.2), and finding out takes no waiting.
  Status connect(const sockaddr_un& address) {
    for (;;) {
      const milliseconds left = std::max(deadline_.left(), milliseconds(1));
      const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
      const std::chrono::microseconds rest = left - seconds;
      const timeval limit{.tv_sec = seconds.count(), .tv_usec = rest.count()};
      if (::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0) {
        return fail(ErrorCode::kConnectFailed, text("cannot set a time limit for ",
                                                    socket_.native(), ": ", errno_text(errno)));
      }
      const int result =
          ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
      if (result != 0 && errno != EAGAIN && errno != EINTR) {
        return fail(connect_error(socket_, errno));
      }
      if (deadline_.left() == milliseconds(0)) return timed_out("accept the connection");
      if (result == 0) return {};
    }
  }

  Status wait_for(short events, std::string_view activity) {
    for (;;) {
      const milliseconds left = deadline_.left();
      if (left == milliseconds(0)) return timed_out(activity);
      pollfd entry{.fd = fd_.get(), .events = events, .revents = 0};
      const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return failed("wait for", errno);
    }
  }

  [[nodiscard]] tl::unexpected<Error> timed_out(std::string_view activity) const {
    return fail(ErrorCode::kPeerTimeout,
                text("the service at ", socket_.native(), " did not ", activity, " within ",
                     deadline_.timeout().count(), " ms"));
  }

  [[nodiscard]] Error descriptor_error(int error) const {
    const bool exhausted = error == EMFILE || error == ENFILE;
    return {exhausted ? ErrorCode::kDescriptorsExhausted : ErrorCode::kConnectFailed,
            text("cannot make a socket for ", socket_.native(), ": ", errno_text(error))};
  }

  [[nodiscard]] tl::unexpected<Error> closed(std::string_view when) const {
    return fail(ErrorCode::kPeerClosed,
                text("the service at ", socket_.native(), " closed the connection ", when));
  }

  [[nodiscard]] tl::unexpected<Error> failed(std::string_view activity, int error) const {
    return fail(ErrorCode::kSocketFailure,
                text("cannot ", activity, ' ', socket_.native(), ": ", errno_text(error)));
  }

  const std::filesystem::path& socket_;
  const Deadline& deadline_;
  base::UniqueFd fd_;
};

}  // namespace

Result<base::UniqueFd> connect(const std::filesystem::path& socket, const Deadline& deadline) {
  Connection connection(socket, deadline);
  QUOTED_CHECK(connection.open());
  return connection.release();
}

Result<Bytes> exchange_on(base::UniqueFd& descriptor, const std::filesystem::path& socket,
                          ByteView frame, const Deadline& deadline, std::size_t max_answer) {
  Connection connection(socket, deadline, std::move(descriptor));
  QUOTED_CHECK(connection.send(frame));
  QUOTED_TRY(const auto prefix, connection.receive_prefix());
  Result<std::size_t> size = decode_frame_prefix(prefix, max_answer);
  if (!size) {
    return fail(std::move(size).error().with_context(text("the answer of ", socket.native())));
  }
  QUOTED_TRY(Bytes body, connection.receive_body(*size));
  descriptor = connection.release();
  return body;
}

Result<Bytes> exchange(const std::filesystem::path& socket, ByteView frame,
                       const Deadline& deadline, std::size_t max_answer) {
  QUOTED_TRY(base::UniqueFd connection, connect(socket, deadline));
  return exchange_on(connection, socket, frame, deadline, max_answer);
}

Error connect_error(const std::filesystem::path& socket, int error) {
  const std::string& path = socket.native();
  const auto make = [&](ErrorCode code, std::string_view what) {
    return Error(code, text(what, ' ', path, ": ", errno_text(error)));
  };
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return make(ErrorCode::kSocketMissing, "there is no socket at");
    case EACCES:
    case EPERM:
      return make(ErrorCode::kSocketPermission, "no permission to connect to");
    case ECONNREFUSED: {
      std::error_code ignored;
      const auto status = std::filesystem::status(socket, ignored);
      if (std::filesystem::exists(status) && !std::filesystem::is_socket(status)) {
        return make(ErrorCode::kNotASocket, "not a socket:");
      }
      return make(ErrorCode::kConnectionRefused, "nobody listens on");
    }
    default:
      return make(ErrorCode::kConnectFailed, "cannot connect to");
  }
}

}  // namespace quoted::aesm
