#include "http/connection.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <boost/asio/post.hpp>

namespace quoted::http {
namespace {

using Step = TlsStream::Step;

// A peer that is as fast as this thread never makes it wait, so waits alone are no fair scheduler.
constexpr std::size_t kMaxWithoutWait = std::size_t{64} * 1024;

}  // namespace

Connection::Connection(asio::io_context& io, base::UniqueFd fd, const TlsContext* tls)
    : descriptor_(io), sleeper_(io) {
  if (tls != nullptr) tls_.emplace(*tls, fd.get());
  descriptor_.assign(fd.get());
  (void)fd.release();
}

Connection::~Connection() {
  // Else the peer could not tell this end from one that somebody in between made up.
  if (tls_) tls_->end();
}

TlsStream::Moved Connection::read_some(std::span<char> into) {
  if (tls_) return tls_->read(into);
  const ssize_t got = ::recv(descriptor_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
  if (got > 0) return {Step::kDone, static_cast<std::size_t>(got)};
  if (got == 0) return {Step::kEnd};
  if (errno == EINTR) return {Step::kDone};
  return {errno == EAGAIN ? Step::kWantsRead : Step::kBroken};
}

TlsStream::Moved Connection::write_some(std::string_view head, std::string_view body) {
  if (tls_) return tls_->write(head.empty() ? body : head);
  std::array<iovec, 2> pieces{iovec{const_cast<char*>(head.data()), head.size()},
                              iovec{const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  const ssize_t sent =
      ::sendmsg(descriptor_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) return {Step::kDone, static_cast<std::size_t>(sent)};
  if (errno == EINTR) return {Step::kDone};
  return {errno == EAGAIN ? Step::kWantsWrite : Step::kBroken};
}

Awaitable<Connection::Outcome> Connection::secure() {
  while (tls_) {
    if (out_of_time()) co_return Outcome::kExpired;
    const Step step = tls_->handshake();
    if (step == Step::kDone) break;
    if (step == Step::kEnd || step == Step::kBroken) co_return Outcome::kBroken;
    co_await wait_as(step);
  }
  co_return Outcome::kDone;
}

Awaitable<Connection::Received> Connection::receive(std::span<char> into) {
  co_await take_turns();
  while (!out_of_time()) {
    const auto [step, size] = read_some(into);
    without_wait_ += size;
    if (step == Step::kEnd) co_return Received{Outcome::kEnd};
    if (step == Step::kBroken) co_return Received{Outcome::kBroken};
    if (step != Step::kDone) {
      co_await wait_as(step);
    } else if (size > 0) {
      co_return Received{Outcome::kDone, size};
    }
  }
  co_return Received{Outcome::kExpired};
}

Awaitable<Connection::Outcome> Connection::send(std::string_view head, std::string_view body) {
  while (true) {
    co_await take_turns();
    if (out_of_time()) co_return Outcome::kExpired;
    if (head.empty() && body.empty()) co_return Outcome::kDone;
    const auto [step, size] = write_some(head, body);
    if (step == Step::kEnd || step == Step::kBroken) co_return Outcome::kBroken;
    if (step != Step::kDone) {
      co_await wait_as(step);
      continue;
    }
    const std::size_t of_head = std::min(head.size(), size);
    head.remove_prefix(of_head);
    body.remove_prefix(size - of_head);
    without_wait_ += size;
  }
}

Awaitable<void> Connection::wait_as(Step wanted) {
  co_await wait_until(wanted == Step::kWantsRead ? Descriptor::wait_read : Descriptor::wait_write);
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
  if (tls_ && tls_->has_pending()) return true;
  char first = 0;
  return ::recv(descriptor_.native_handle(), &first, 1, MSG_DONTWAIT | MSG_PEEK) > 0;
}

void Connection::shutdown_send() {
  if (tls_) tls_->end();
  ::shutdown(descriptor_.native_handle(), SHUT_WR);
}

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
