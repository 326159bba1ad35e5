#include "http/connection.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <boost/asio/post.hpp>

namespace quoted::http {
namespace {

// A peer that is as fast as this thread never makes it wait, so waits alone are no fair scheduler.
constexpr std::size_t kMaxWithoutWait = std::size_t{64} * 1024;

}  // namespace

Connection::Connection(asio::io_context& io, base::UniqueFd fd) : descriptor_(io), sleeper_(io) {
  descriptor_.assign(fd.get());
  (void)fd.release();
}

Awaitable<Connection::Received> Connection::receive(std::span<char> into) {
  co_await take_turns();
  while (!out_of_time()) {
    const ssize_t got = ::recv(descriptor_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0) {
      without_wait_ += static_cast<std::size_t>(got);
      co_return Received{Outcome::kDone, static_cast<std::size_t>(got)};
    }
    if (got == 0) co_return Received{Outcome::kEnd};
    if (errno == EINTR) continue;
    if (errno != EAGAIN) co_return Received{Outcome::kBroken};
    co_await wait_until(Descriptor::wait_read);
  }
  co_return Received{Outcome::kExpired};
}

Awaitable<Connection::Outcome> Connection::send(std::string_view head, std::string_view body) {
  while (true) {
    co_await take_turns();
    if (out_of_time()) co_return Outcome::kExpired;
    if (head.empty() && body.empty()) co_return Outcome::kDone;
    std::array<iovec, 2> pieces{iovec{const_cast<char*>(head.data()), head.size()},
                                iovec{const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t sent =
        ::sendmsg(descriptor_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      const auto of_head = std::min(head.size(), static_cast<std::size_t>(sent));
      head.remove_prefix(of_head);
      body.remove_prefix(static_cast<std::size_t>(sent) - of_head);
      without_wait_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN) {
      co_await wait_until(Descriptor::wait_write);
    } else if (errno != EINTR) {
      co_return Outcome::kBroken;
    }
  }
}

Awaitable<void> Connection::take_turns() {
  if (without_wait_ < kMaxWithoutWait) co_return;
  without_wait_ = 0;
  co_await asio::post(descriptor_.get_executor(), kAwait);
}

Awaitable<void> Connection::wait_until(Descriptor::wait_type ready) {
  without_wait_ = 0;
  co_await descriptor_.async_wait(ready, kAwait);
}

Awaitable<void> Connection::sleep() {
  if (out_of_time()) co_return;
  sleeper_.expires_at(Time::max());
  co_await sleeper_.async_wait(kAwait);
}

bool Connection::has_input() {
  char first = 0;
  return ::recv(descriptor_.native_handle(), &first, 1, MSG_DONTWAIT | MSG_PEEK) > 0;
}

void Connection::shutdown_send() { ::shutdown(descriptor_.native_handle(), SHUT_WR); }

void Connection::end_wait_if_due(Time now) {
  if (expired_ || now < deadline_) return;
  expired_ = true;
  wake();
}

void Connection::abandon() {
  abandoned_ = true;
  wake();
}

void Connection::wake() {
  boost::system::error_code ignored;
  descriptor_.cancel(ignored);
  sleeper_.cancel();
}

}  // namespace quoted::http
