#include "http/loop.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "base/file.h"
#include "base/text.h"

namespace quoted::http {
namespace {

using std::chrono::milliseconds;

// How many connections are taken at once before those that are there get their turn again.
constexpr int kAcceptBatch = 8;

// How many batches are taken after the order to stop: connections that were waiting by then, but
// not those of clients who never cease to come.
constexpr int kDrainBatches = 16;

// A request that has not arrived whole after so long may have to give way to another connection.
constexpr milliseconds kGrace{1000};

// How long accepting rests when descriptors or memory are exhausted. Connections wait in the
// backlog meanwhile, and those accepted are served on.
constexpr milliseconds kAcceptPause{50};

// Deadlines are met to within an eighth, or a quarter of a second.
milliseconds sweep_interval(const Deadlines& d) {
  const milliseconds shortest = std::min({d.idle, d.header, d.body, d.request, d.write});
  return std::clamp(shortest / 8, milliseconds(1), milliseconds(250));
}

}  // namespace

Loop::Loop(std::vector<Listener>& listeners, const TlsContext* tls, const ServerOptions& options,
           const Router& router, ServerObserver& observer, std::size_t pool_threads)
    : budget_(options.limits.max_buffered_bytes),
      io_(BOOST_ASIO_CONCURRENCY_HINT_SAFE),
      keep_running_(io_.get_executor()),
      options_(options),
      observer_(observer),
      sweep_timer_(io_),
      drain_timer_(io_),
      context_{.options = options,
               .router = router,
               .observer = observer,
               .io = io_,
               .pool = pool_,
               .budget = budget_},
      pool_(pool_threads, options.limits.max_queued) {
  for (const Listener& listener : listeners) {
    base::UniqueFd copy(::fcntl(listener.fd(), F_DUPFD_CLOEXEC, 0));
    const bool network = std::holds_alternative<TcpEndpoint>(listener.endpoint());
    Entrance& entrance = entrances_.emplace_back(io_, network ? tls : nullptr);
    entrance.socket.assign(copy.get());
    (void)copy.release();
    ++accepting_;
    asio::co_spawn(io_, accept_until_drained(entrance), asio::detached);
  }
}

void Loop::run() noexcept {
  while (true) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {
      observer_.failed("loop", error.what());
    }
  }
}

void Loop::drain() {
  asio::post(io_, [this] { drain_here(); });
}

Awaitable<void> Loop::accept_until_drained(Entrance& entrance) {
  bool goes_on = true;
  while (goes_on) {
    try {
      goes_on = co_await accept_and_wait(entrance);
    } catch (const std::exception& error) {
      // Out of memory, most likely. Blocking this thread for a moment needs none.
      observer_.failed("accept", error.what());
      std::this_thread::sleep_for(kAcceptPause);
    }
  }
  // Who still comes would wait in its backlog for a server that takes nobody any more.
  boost::system::error_code ignored;
  entrance.socket.close(ignored);
  --accepting_;
  finish_if_drained();
}

Awaitable<bool> Loop::accept_and_wait(Entrance& entrance) {
  if (abandoned_ || (context_.draining && drain_batches_++ >= kDrainBatches)) co_return false;
  const Accepted accepted = accept_some(entrance);
  if (accepted == Accepted::kSome) {
    co_await asio::post(io_.get_executor(), kAwait);
    co_return true;
  }
  if (context_.draining) co_return false;
  if (accepted == Accepted::kNoneLeft) {
    co_await entrance.socket.async_wait(Descriptor::wait_read, kAwait);
  } else {
    Timer pause(io_, kAcceptPause);
    co_await pause.async_wait(kAwait);
  }
  co_return true;
}

Loop::Accepted Loop::accept_some(Entrance& entrance) {
  const int listener = entrance.socket.native_handle();
  for (int i = 0; i < kAcceptBatch; ++i) {
    base::UniqueFd connection(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection.valid()) {
      start_session(std::move(connection), entrance.tls);
      continue;
    }
    switch (errno) {
      case EAGAIN:
        return Accepted::kNoneLeft;
      case EINTR:
      case ECONNABORTED:
        break;
      default:
        observer_.failed("accept", base::errno_text(errno));
        return Accepted::kNoResources;
    }
  }
  return Accepted::kSome;
}

void Loop::start_session(base::UniqueFd connection, const TlsContext* tls) {
  // An answer is sent in one piece; nothing is to wait for the acknowledgement of what went before.
  // Means nothing to a UNIX socket.
  const int on = 1;
  (void)::setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connections_ >= options_.limits.max_connections && !make_room()) {
    return turn_away(std::move(connection), tls == nullptr);
  }
  try {
    asio::co_spawn(io_, run_session(std::move(connection), tls), asio::detached);
    ++connections_;
    observer_.connection_opened();
  } catch (const std::exception& error) {
    observer_.failed("session", error.what());
  }
}

bool Loop::make_room() {
  // A connection that is silent costs its client nothing, so those must not shut out the others.
  Session* victim = nullptr;
  Session::Waiting longest{.idle = false, .since = std::chrono::steady_clock::now() - kGrace};
  for (Session* const session : sessions_) {
    const auto waiting = session->waits_for_client();
    if (!waiting || waiting->idle < longest.idle) continue;
    if (waiting->idle == longest.idle && waiting->since >= longest.since) continue;
    if (waiting->idle && session->has_input()) continue;
    victim = session;
    longest = *waiting;
  }
  if (victim == nullptr) return false;
  observer_.rejected(
      Rejection::kConnectionLimit,
      base::Error(base::ErrorCode::kHttpOverloaded,
                  base::text("all ", options_.limits.max_connections,
                             " connections are in use; closed one that waited for its client")));
  victim->abandon();
  return true;
}

// Says why, as far as that costs no wait; a handshake would.
void Loop::turn_away(base::UniqueFd connection, bool can_be_told) {
  const base::Error error(
      base::ErrorCode::kHttpOverloaded,
      base::text("all ", options_.limits.max_connections, " connections are in use"));
  observer_.rejected(Rejection::kConnectionLimit, error);
  if (!can_be_told) return;
  Response response = options_.write_error(503, error);
  response.headers.push_back({"Retry-After", "1"});
  const std::string answer = response_head(response, AfterAnswer::kClose,
                                           std::chrono::duration_cast<std::chrono::seconds>(
                                               std::chrono::system_clock::now().time_since_epoch())
                                               .count()) +
                             response.body;
  // No answer is owed, so it is of no interest what becomes of it.
  (void)::send(connection.get(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::shutdown(connection.get(), SHUT_WR);
  // Bytes left unread would make the kernel take the answer back.
  std::array<char, 16384> dropped{};
  (void)::recv(connection.get(), dropped.data(), dropped.size(), MSG_DONTWAIT);
}

Awaitable<void> Loop::run_session(base::UniqueFd connection, const TlsContext* tls) {
  try {
    Session session(context_, std::move(connection), tls);
    const auto place = sessions_.insert(sessions_.end(), &session);
    struct Remove {
      std::list<Session*>& list;
      std::list<Session*>::iterator at;
      ~Remove() { list.erase(at); }
    } const remove{sessions_, place};
    start_sweeping();
    if (abandoned_) session.abandon();
    co_await session.run();
  } catch (const std::exception& error) {
    observer_.failed("session", error.what());
  }
  --connections_;
  observer_.connection_closed();
  finish_if_drained();
}

void Loop::drain_here() {
  context_.draining = true;
  keep_running_.reset();
  drain_timer_.expires_after(options_.deadlines.drain);
  drain_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) abandon_all();
  });
  boost::system::error_code ignored;
  for (Entrance& entrance : entrances_) entrance.socket.cancel(ignored);
  for (Session* const session : sessions_) session->draining_began();
  finish_if_drained();
}

void Loop::abandon_all() {
  abandoned_ = true;
  for (Session* const session : sessions_) session->abandon();
}

void Loop::finish_if_drained() {
  if (!context_.draining || accepting_ > 0 || connections_ > 0) return;
  sweep_timer_.cancel();
  drain_timer_.cancel();
}

void Loop::start_sweeping() {
  if (sweeping_) return;
  sweeping_ = true;
  sweep_timer_.expires_after(sweep_interval(options_.deadlines));
  sweep_timer_.async_wait([this](boost::system::error_code error) {
    sweeping_ = false;
    if (!error) sweep();
  });
}

void Loop::sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (Session* const session : sessions_) session->end_wait_if_due(now);
  if (!sessions_.empty()) start_sweeping();
}

}  // namespace quoted::http
