#include "recording/relay.h"

#include <sys/socket.h>

#include <cerrno>

namespace quoted::recording {

using base::Result;
using base::Status;

Relay::Relay(base::UniqueFd client, base::UniqueFd daemon)
    : client_(std::move(client)),
      daemon_(std::move(daemon)),
      to_daemon_{.from = Side::kClient, .buffer = base::Bytes(kMaxEventBytes)},
      to_client_{.from = Side::kDaemon, .buffer = base::Bytes(kMaxEventBytes)} {}

Status Relay::advance(const Witness& witness) {
  QUOTED_CHECK(advance(to_daemon_, witness));
  QUOTED_CHECK(advance(to_client_, witness));
  give_up_on_closed_daemon();
  return {};
}

void Relay::add_waits(std::vector<pollfd>& waits) const {
  // A descriptor that nothing is wanted from would report its peer's end for ever.
  for (const Pipe* const pipe : {&to_daemon_, &to_client_}) {
    if (!pipe->empty()) {
      waits.push_back({.fd = destination(*pipe), .events = POLLOUT, .revents = 0});
    } else if (!pipe->ended) {
      waits.push_back({.fd = source(*pipe), .events = POLLIN, .revents = 0});
    }
  }
  // For give_up_on_closed_daemon, after which it is not waited for.
  if (to_client_.finished() && !to_daemon_.ended) {
    waits.push_back({.fd = daemon_.get(), .events = 0, .revents = 0});
  }
}

// A client that neither speaks nor leaves would keep its place for ever after the daemon's deadline
// has ended the connection.
void Relay::give_up_on_closed_daemon() {
  if (!to_client_.finished() || to_daemon_.finished()) return;
  pollfd daemon = {.fd = daemon_.get(), .events = 0, .revents = 0};
  if (::poll(&daemon, 1, 0) != 1 || (daemon.revents & (POLLHUP | POLLERR)) == 0) return;
  to_daemon_.begin = to_daemon_.end;
  to_daemon_.ended = true;
}

Status Relay::advance(Pipe& pipe, const Witness& witness) {
  // One piece at a time, so that a side that never stops sending does not keep others waiting.
  if (pipe.empty() && !pipe.ended) {
    QUOTED_TRY(const bool received, receive(pipe, witness));
    if (!received) return {};
  }
  while (!pipe.empty() && send(pipe)) {
  }
  return {};
}

Result<bool> Relay::receive(Pipe& pipe, const Witness& witness) {
  const ssize_t got = ::recv(source(pipe), pipe.buffer.data(), pipe.buffer.size(), MSG_DONTWAIT);
  if (got > 0) {
    pipe.begin = 0;
    pipe.end = static_cast<std::size_t>(got);
    QUOTED_CHECK(
        witness(Event::Kind::kData, pipe.from, base::ByteView(pipe.buffer).first(pipe.end)));
    return true;
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  // A reset is an end as well: nothing will come any more.
  pipe.ended = true;
  QUOTED_CHECK(witness(Event::Kind::kEnd, pipe.from, {}));
  ::shutdown(destination(pipe), SHUT_WR);
  return false;
}

bool Relay::send(Pipe& pipe) {
  const ssize_t sent = ::send(destination(pipe), pipe.buffer.data() + pipe.begin,
                              pipe.end - pipe.begin, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) {
    pipe.begin += static_cast<std::size_t>(sent);
    return true;
  }
  if (errno == EAGAIN) return false;
  if (errno == EINTR) return true;
  // Nobody is there to take it, or what else may come this way.
  pipe.begin = pipe.end;
  pipe.ended = true;
  return false;
}

int Relay::source(const Pipe& pipe) const {
  return pipe.from == Side::kClient ? client_.get() : daemon_.get();
}

int Relay::destination(const Pipe& pipe) const {
  return pipe.from == Side::kClient ? daemon_.get() : client_.get();
}

}  // namespace quoted::recording
