// The bytes of one connection, in TLS or not, with a deadline on every wait. Lives on the server's
// thread. Private.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/unique_fd.h"
#include "http/asio.h"
#include "http/tls.h"

namespace quoted::http {

class Connection {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Throws when the loop cannot watch it.
  Connection(asio::io_context& io, base::UniqueFd fd, const TlsContext* tls = nullptr);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  enum class Outcome : std::uint8_t { kDone, kEnd, kBroken, kExpired };

  struct Received {
    Outcome outcome;
    std::size_t size = 0;
  };

  // Before all else, and nothing to do without TLS. kEnd is not given.
  [[nodiscard]] Awaitable<Outcome> secure();
  // Why TLS broke.
  [[nodiscard]] std::string_view tls_reason() const {
    return tls_ ? std::string_view(tls_->reason()) : std::string_view();
  }
  // Some bytes, the peer's end, or the reason why there are none.
  [[nodiscard]] Awaitable<Received> receive(std::span<char> into);
  // All of the bytes of both.
  [[nodiscard]] Awaitable<Outcome> send(std::string_view head, std::string_view body);
  // Sleeps until wake(), or the deadline.
  [[nodiscard]] Awaitable<void> sleep();

  // The end of every wait until the next call.
  void set_deadline(Time deadline) {
    deadline_ = deadline;
    expired_ = false;
  }
  [[nodiscard]] bool out_of_time() {
    if (!expired_ && std::chrono::steady_clock::now() >= deadline_) expired_ = true;
    return expired_ || abandoned_;
  }
  [[nodiscard]] bool abandoned() const { return abandoned_; }

  // True when bytes can be read without a wait.
  [[nodiscard]] bool has_input();
  void shutdown_send();

  // Called by the loop while the session is suspended.
  void end_wait_if_due(Time now);
  void abandon();  // ends every wait from now on
  void wake();

 private:
  // Gives the other connections their turn when this one has had its share without a wait.
  [[nodiscard]] Awaitable<void> take_turns();
  [[nodiscard]] Awaitable<void> wait_until(Descriptor::wait_type ready);
  // What can be moved at once, or what it takes to wait for.
  [[nodiscard]] TlsStream::Moved read_some(std::span<char> into);
  [[nodiscard]] TlsStream::Moved write_some(std::string_view head, std::string_view body);
  [[nodiscard]] Awaitable<void> wait_as(TlsStream::Step wanted);

  Descriptor descriptor_;
  std::optional<TlsStream> tls_;
  Timer sleeper_;
  Time deadline_ = Time::max();
  std::size_t without_wait_ = 0;  // bytes moved since the last suspension
  bool expired_ = false;
  bool abandoned_ = false;
};

}  // namespace quoted::http
