#include "conformance/talk.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "aesm/framing.h"
#include "aesm/transport.h"
#include "base/file.h"
#include "base/little_endian.h"
#include "base/text.h"

namespace quoted::conformance {
namespace {

using aesm::Deadline;
using aesm::kFramePrefixSize;
using base::Bytes;
using base::ByteView;
using base::text;

Reply broken(std::string why) {
  return {.kind = Reply::Kind::kBroken, .body = {}, .body_reads = 0, .trouble = std::move(why)};
}

bool wait_for(int fd, short events, const Deadline& deadline) {
  for (;;) {
    const auto left = deadline.left();
    pollfd entry{.fd = fd, .events = events, .revents = 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

// A daemon may close while it is still written to; what it says then is read all the same.
void send(int fd, ByteView bytes, const Deadline& deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!wait_for(fd, POLLOUT, deadline)) return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

class Receiver {
 public:
  Receiver(int fd, const Deadline& deadline) : fd_(fd), deadline_(deadline) {}

  Reply run() {
    while (!complete()) {
      if (const auto end = receive_more()) return *end;
      if (all_.size() >= kFramePrefixSize && announced() > aesm::kMaxResponseSize) {
        return broken(text("the answer announces ", announced(), " bytes, at most ",
                           aesm::kMaxResponseSize, " are possible"));
      }
    }
    // More than the answer, whether it came with it or stands behind it already.
    if (all_.size() == kFramePrefixSize + announced()) look_behind();
    if (all_.size() > kFramePrefixSize + announced()) {
      return broken(text("there are bytes behind the answer of ", announced(), " bytes"));
    }
    return {.kind = Reply::Kind::kFrame,
            .body = Bytes(all_.begin() + kFramePrefixSize, all_.end()),
            .body_reads = body_reads_,
            .trouble = {}};
  }

 private:
  [[nodiscard]] std::size_t announced() const {
    base::Le32 size;
    std::memcpy(&size, all_.data(), kFramePrefixSize);
    return size;
  }
  [[nodiscard]] bool complete() const {
    return all_.size() >= kFramePrefixSize && all_.size() >= kFramePrefixSize + announced();
  }

  // How the conversation ended, if it has.
  std::optional<Reply> receive_more() {
    std::array<std::byte, 65'536> chunk{};
    if (!wait_for(fd_, POLLIN, deadline_)) {
      return Reply{.kind = Reply::Kind::kTimeout,
                   .body = {},
                   .body_reads = 0,
                   .trouble = text("after ", deadline_.timeout().count(), " ms only ", all_.size(),
                                   " bytes of an answer have come")};
    }
    const ssize_t got = ::recv(fd_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got > 0) {
      all_.insert(all_.end(), chunk.begin(), chunk.begin() + got);
      if (all_.size() > kFramePrefixSize) ++body_reads_;
      return std::nullopt;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (got < 0 && errno != ECONNRESET) {
      return broken(text("cannot read the answer: ", base::errno_text(errno)));
    }
    // Linux resets a connection whose other end closes with something unread.
    if (all_.empty()) {
      return Reply{.kind = Reply::Kind::kClosed, .body = {}, .body_reads = 0, .trouble = {}};
    }
    return broken(text("the connection is closed after ", all_.size(), " bytes of an answer"));
  }

  void look_behind() {
    std::byte more{};
    if (::recv(fd_, &more, 1, MSG_DONTWAIT) == 1) all_.push_back(more);
  }

  int fd_;
  const Deadline& deadline_;
  Bytes all_;
  std::size_t body_reads_ = 0;
};

}  // namespace

base::Result<Reply> talk(const std::filesystem::path& socket, const std::vector<Bytes>& writes,
                         bool half_close, std::chrono::milliseconds timeout) {
  const Deadline deadline(timeout);
  QUOTED_TRY(const base::UniqueFd connection, aesm::connect(socket, deadline));
  for (const Bytes& bytes : writes) send(connection.get(), bytes, deadline);
  if (half_close) ::shutdown(connection.get(), SHUT_WR);
  return Receiver(connection.get(), deadline).run();
}

}  // namespace quoted::conformance
