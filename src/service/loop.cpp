#include "service/loop.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "base/file.h"
#include "telemetry/names.h"

namespace quoted::service {

namespace event = telemetry::event;
using std::chrono::milliseconds;

namespace {

// How many connections are taken at once before those that are there get their turn again.
constexpr int kAcceptBatch = 8;

// How long accepting rests when descriptors or memory are exhausted. Connections wait in the
// backlog meanwhile, and those accepted are served on.
constexpr milliseconds kAcceptPause{50};

// Deadlines are met to within an eighth, or a quarter of a second.
milliseconds sweep_interval(const Deadlines& d) {
  const milliseconds shortest =
      std::min({d.first_request, d.next_request, d.read, d.write, d.quote});
  return std::clamp(shortest / 8, milliseconds(1), milliseconds(250));
}

class Counted {
 public:
  explicit Counted(std::size_t& counter) : counter_(counter) { ++counter_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --counter_; }

 private:
  std::size_t& counter_;
};

}  // namespace

Loop::Loop(base::UniqueFd listening, const ServerOptions& options, quoting::Platform& platform,
           const PeerResolver& peers, telemetry::Logger& logger)
    : io_(BOOST_ASIO_CONCURRENCY_HINT_1),
      keep_running_(io_.get_executor()),
      options_(options),
      peers_(peers),
      port_(std::make_shared<LoopPort>(io_)),
      context_{
          .options = options, .platform = platform, .logger = logger, .io = io_, .port = port_},
      listener_(io_),
      sweep_timer_(io_),
      drain_timer_(io_) {
  listener_.assign(listening.get());
  (void)listening.release();
  asio::co_spawn(io_, accept_until_drained(), asio::detached);
}

Loop::~Loop() { port_->close(); }

void Loop::run() noexcept {
  port_->open();
  while (true) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {
      report(event::kLoopFailed, error.what());
    }
  }
}

void Loop::drain() {
  asio::post(io_, [this] { drain_here(); });
}

Awaitable<void> Loop::accept_until_drained() {
  while (accepting_) {
    try {
      co_await accept_and_wait();
    } catch (const std::exception& error) {
      // Out of memory, most likely. Blocking this thread for a moment needs none.
      report(event::kLoopFailed, error.what());
      std::this_thread::sleep_for(kAcceptPause);
    }
  }
  finish_if_drained();
}

Awaitable<void> Loop::accept_and_wait() {
  const Accepted accepted = accept_some();
  const bool backlog_empty = accepted == Accepted::kNoneLeft;
  if (abandoned_ || accepted == Accepted::kListenerClosed || (backlog_empty && context_.draining)) {
    accepting_ = false;
  } else if (backlog_empty) {
    co_await listener_.async_wait(Descriptor::wait_read, kAwait);
  } else if (accepted == Accepted::kNoResources) {
    co_await pause(kAcceptPause);
  } else {
    co_await asio::post(io_.get_executor(), kAwait);
  }
}

Loop::Accepted Loop::accept_some() {
  for (int i = 0; i < kAcceptBatch; ++i) {
    base::UniqueFd connection(
        ::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection.valid()) {
      start_session(std::move(connection));
      continue;
    }
    switch (errno) {
      case EAGAIN:
        // A socket that refuses connections is always ready, so waiting for it would be spinning.
        return i == 0 && refuses_connections() ? Accepted::kListenerClosed : Accepted::kNoneLeft;
      case EINTR:
      case ECONNABORTED:
        break;
      default:
        context_.logger.error(
            event::kAcceptFailed, "connections wait in the backlog",
            {{"reason", base::errno_text(errno)}, {"open_connections", running_sessions_}});
        return Accepted::kNoResources;
    }
  }
  return Accepted::kSome;
}

bool Loop::refuses_connections() {
  pollfd listener{.fd = listener_.native_handle(), .events = POLLRDHUP, .revents = 0};
  return ::poll(&listener, 1, 0) == 1 && (listener.revents & POLLRDHUP) != 0;
}

void Loop::start_session(base::UniqueFd connection) {
  const auto peer = peers_.resolve(connection.get());
  if (!peer) {
    context_.logger.error(event::kPeerUnknown, "closed, because nobody vouches for the peer",
                          {{"reason", peer.error().summary()}});
    return;
  }
  try {
    asio::co_spawn(io_, run_session(std::move(connection), *peer), asio::detached);
  } catch (const std::exception& error) {
    report(event::kSessionFailed, error.what());
  }
}

Awaitable<void> Loop::run_session(base::UniqueFd connection, Peer peer) {
  try {
    const Counted counted(running_sessions_);
    Session session(context_, std::move(connection), peer);
    sessions_.push_back(session);
    start_sweeping();
    if (abandoned_) session.abandon();
    co_await session.run();
  } catch (const std::exception& error) {
    report(event::kSessionFailed, error.what());
  }
  finish_if_drained();
}

Awaitable<void> Loop::pause(milliseconds time) {
  Timer timer(io_, time);
  co_await timer.async_wait(kAwait);
}

void Loop::drain_here() {
  context_.draining = true;
  keep_running_.reset();
  drain_timer_.expires_after(options_.deadlines.drain);
  drain_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) abandon_all();
  });
  boost::system::error_code ignored;
  listener_.cancel(ignored);
  for (Session& session : sessions_) session.draining_began();
  finish_if_drained();
}

void Loop::abandon_all() {
  abandoned_ = true;
  if (running_sessions_ > 0) {
    context_.logger.warning(event::kDrainIncomplete,
                            "connections closed that had not got their answer",
                            {{"connections", running_sessions_}});
  }
  for (Session& session : sessions_) session.abandon();
}

void Loop::finish_if_drained() {
  if (!context_.draining || accepting_ || running_sessions_ > 0) return;
  sweep_timer_.cancel();
  drain_timer_.cancel();
}

void Loop::start_sweeping() {
  if (std::exchange(sweeping_, true)) return;
  sweep_timer_.expires_after(sweep_interval(options_.deadlines));
  sweep_timer_.async_wait([this](boost::system::error_code error) {
    sweeping_ = false;
    if (!error) sweep();
  });
}

void Loop::sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (Session& session : sessions_) session.end_wait_if_due(now);
  if (!sessions_.empty()) start_sweeping();
}

void Loop::report(std::string_view name, const char* what) noexcept {
  context_.logger.error(name, "an exception was caught", {{"reason", std::string_view(what)}});
}

}  // namespace quoted::service
