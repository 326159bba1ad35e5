#include "conformance/talk.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "aesm/framing.h"
#include "aesm/transport.h"
#include "base/file.h"
#include "base/little_endian.h"
#include "base/text.h"
#include "conformance/wire_fields.h"

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

// Not for long: a daemon is free to read when it likes.
void wait_until_taken(int fd) {
  const Deadline deadline(std::chrono::milliseconds(200));
  int unread = 1;
  while (::ioctl(fd, SIOCOUTQ, &unread) == 0 && unread > 0 &&
         deadline.left() > std::chrono::milliseconds(0)) {
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
}

class Receiver {
 public:
  Receiver(int fd, const Deadline& deadline, std::size_t max_answer)
      : fd_(fd), deadline_(deadline), max_answer_(max_answer) {}

  Reply run() {
    while (!complete()) {
      if (const auto end = receive_more()) return *end;
      if (all_.size() >= kFramePrefixSize && announced() > max_answer_) {
        return broken(text("the answer announces ", announced(), " bytes, at most ", max_answer_,
                           " are possible"));
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
  std::size_t max_answer_;
  Bytes all_;
  std::size_t body_reads_ = 0;
};

}  // namespace

base::Result<Reply> talk(const std::filesystem::path& socket, const Words& words,
                         std::chrono::milliseconds timeout, std::size_t max_answer) {
  const Deadline deadline(timeout);
  QUOTED_TRY(const base::UniqueFd connection, aesm::connect(socket, deadline));
  for (const Bytes& bytes : words.writes) {
    // What stands in the socket's buffer would join the next piece.
    wait_until_taken(connection.get());
    send(connection.get(), bytes, deadline);
  }
  if (words.leaves) {
    return Reply{.kind = Reply::Kind::kClosed, .body = {}, .body_reads = 0, .trouble = {}};
  }
  if (words.half_close) ::shutdown(connection.get(), SHUT_WR);
  return Receiver(connection.get(), deadline, max_answer).run();
}

std::size_t room_in(const std::vector<Bytes>& writes) {
  constexpr std::uint32_t kGetQuoteEx = 17;
  constexpr std::uint32_t kGetSupportedAttKeyIds = 22;
  Bytes all;
  for (const Bytes& bytes : writes) base::append(all, bytes);
  if (all.size() < kFramePrefixSize) return 0;
  const auto outer = read_fields(ByteView(all).subspan(kFramePrefixSize));
  if (!outer || outer->empty()) return 0;
  const WireField& request = outer->front();
  if (request.number != kGetQuoteEx && request.number != kGetSupportedAttKeyIds) return 0;
  const auto inner = read_fields(request.bytes);
  if (!inner) return 0;
  const std::uint32_t buf_size = request.number == kGetQuoteEx ? 4 : 1;
  const auto found = std::ranges::find(*inner, buf_size, &WireField::number);
  if (found == inner->end()) return 0;
  return static_cast<std::size_t>(std::min<std::uint64_t>(found->value, aesm::kMaxResponseSize));
}

base::Result<std::vector<base::UniqueFd>> open_neighbours(const std::filesystem::path& socket,
                                                          const std::vector<Bytes>& sent,
                                                          std::chrono::milliseconds timeout) {
  const Deadline deadline(timeout);
  std::vector<base::UniqueFd> out;
  for (const Bytes& bytes : sent) {
    QUOTED_TRY(base::UniqueFd connection, aesm::connect(socket, deadline));
    send(connection.get(), bytes, deadline);
    out.push_back(std::move(connection));
  }
  return out;
}

}  // namespace quoted::conformance
