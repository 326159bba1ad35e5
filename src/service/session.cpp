#include "service/session.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include <boost/asio/post.hpp>

#include "aesm/codec.h"
#include "base/file.h"
#include "base/text.h"
#include "service/pending_quote.h"
#include "service/request_log.h"
#include "telemetry/names.h"

namespace quoted::service {

using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::text;

namespace {

// How much longer than the platform's deadline its answer is waited for: it is the platform that
// is to say what took too long.
constexpr std::chrono::milliseconds kPlatformGrace{1000};

// Marks where a session sleeps, so that it can be woken, for as long as it does.
class SleeperMark {
 public:
  SleeperMark(Timer*& first, Timer*& second, Timer& timer) : first_(first), second_(second) {
    first_ = second_ = &timer;
  }
  SleeperMark(const SleeperMark&) = delete;
  SleeperMark& operator=(const SleeperMark&) = delete;
  ~SleeperMark() { first_ = second_ = nullptr; }

 private:
  Timer*& first_;
  Timer*& second_;
};

}  // namespace

Session::Session(SessionContext& context, base::UniqueFd connection, const Peer& peer)
    : context_(context),
      connection_(context.io),
      peer_(peer),
      reader_(context.options.max_request_size) {
  connection_.assign(connection.get());
  (void)connection.release();
}

Awaitable<void> Session::run() {
  while (true) {
    const NextFrame body = co_await next_frame();
    if (body && !*body) co_return;
    base::Status done;
    if (!body) {
      done = fail(body.error());
    } else {
      done = co_await answer(**body);
    }
    if (!done) {
      log_closed(context_.logger, peer_, request_name_, done.error());
      co_return;
    }
    reader_.drop_frame();
    request_name_ = {};
    answered_ = true;
    // A peer that always has the next request ready must not keep the loop to itself.
    if (!std::exchange(waited_, false)) co_await let_others_run();
  }
}

Awaitable<Session::NextFrame> Session::next_frame() {
  timed_phase_.reset();
  while (true) {
    NextFrame frame = reader_.frame();
    if (!frame || *frame) co_return frame;
    allow_for_phase();
    const Received received = receive();
    if (received == Received::kBytes) continue;
    if (received != Received::kNothingYet) co_return ended_by_peer(received);
    if (may_end_for_drain()) co_return std::nullopt;
    if (out_of_time()) co_return ended_by_deadline();
    co_await wait(Descriptor::wait_read);
  }
}

Session::Received Session::receive() {
  while (true) {
    const auto space = reader_.space();
    const ssize_t got =
        ::recv(connection_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
    if (got > 0) {
      reader_.added(static_cast<std::size_t>(got));
      return Received::kBytes;
    }
    if (got == 0) return Received::kEnd;
    if (errno == EAGAIN) return Received::kNothingYet;
    if (errno != EINTR) return Received::kBroken;
  }
}

// Closing between two requests is how every client ends.
Session::NextFrame Session::ended_by_peer(Received how) const {
  if (idle() && (answered_ || how == Received::kEnd)) return std::nullopt;
  return fail(ErrorCode::kPeerClosed, how == Received::kEnd
                                          ? "the peer closed in the middle of a request"
                                          : "the connection broke while a request was read");
}

Session::NextFrame Session::ended_by_deadline() const {
  if (idle()) {
    context_.logger.debug(telemetry::event::kConnectionIdle, "idle; closed",
                          {{"uid", peer_.uid}, {"gid", peer_.gid}, {"pid", peer_.pid}});
    return std::nullopt;
  }
  return fail(ErrorCode::kPeerTimeout,
              text("the peer stopped in the ",
                   reader_.phase() == FrameReader::Phase::kPrefix ? "length prefix" : "body",
                   " of a request"));
}

Awaitable<base::Status> Session::answer(ByteView body) {
  const auto request = aesm::decode_request(body);
  if (!request) co_return fail(request.error());
  const aesm::MessageKind kind = aesm::kind_of(*request);
  request_name_ = aesm::name_of(kind);

  const auto snapshot = context_.platform.snapshot();
  Decision decision = decide(*request, *snapshot, context_.options.limits);
  if (const QuoteJob* job = std::get_if<QuoteJob>(&decision)) {
    auto result = co_await make_quote(*job);
    decision = conclude(*job, std::move(result));
  }
  const Answer& answer = std::get<Answer>(decision);
  log_answer(context_.logger, peer_, kind, answer);
  co_return co_await send(answer.frame);
}

Awaitable<base::Result<quoting::QuoteOutput>> Session::make_quote(const QuoteJob& job) {
  const auto limit = context_.options.deadlines.quote;
  const auto pending = std::make_shared<PendingQuote>();
  context_.platform.quote(job.request, std::chrono::steady_clock::now() + limit,
                          completion_of(pending, context_.port));
  if (!pending->result) {
    allow(limit + kPlatformGrace);
    waited_ = true;
    Timer sleeper(context_.io, Time::max());
    const SleeperMark mark(pending->sleeper, sleeper_, sleeper);
    while (!pending->result && !out_of_time()) co_await sleeper.async_wait(kAwait);
  }
  if (pending->result) co_return *std::move(pending->result);
  co_return fail(ErrorCode::kPeerTimeout,
                 text("the platform did not complete the quote within ", limit.count(), " ms"));
}

// One call whenever the answer fits the socket's buffer: the reference client garbles what
// arrives in many pieces (aesm-protocol 1.2).
Awaitable<base::Status> Session::send(ByteView frame) {
  allow(context_.options.deadlines.write);
  while (!frame.empty()) {
    const ssize_t sent = ::send(connection_.native_handle(), frame.data(), frame.size(),
                                MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      frame = frame.subspan(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (out_of_time()) {
        co_return fail(ErrorCode::kPeerTimeout,
                       text("the peer left ", frame.size(), " bytes of its answer untaken"));
      }
      co_await wait(Descriptor::wait_write);
    } else if (errno != EINTR) {
      co_return fail(ErrorCode::kPeerClosed,
                     text("the answer could not be sent: ", base::errno_text(errno)));
    }
  }
  co_return base::Status();
}

// The outcome is of no interest: whoever waits looks at the descriptor again.
Awaitable<void> Session::wait(Descriptor::wait_type readiness) {
  waited_ = true;
  co_await connection_.async_wait(readiness, kAwait);
}

Awaitable<void> Session::let_others_run() {
  co_await asio::post(context_.io.get_executor(), kAwait);
}

void Session::allow_for_phase() {
  const FrameReader::Phase phase = reader_.phase();
  if (timed_phase_ == phase) return;
  timed_phase_ = phase;
  const Deadlines& deadlines = context_.options.deadlines;
  if (phase != FrameReader::Phase::kEmpty) return allow(deadlines.read);
  allow(answered_ ? deadlines.next_request : deadlines.first_request);
}

void Session::allow(std::chrono::milliseconds time) {
  deadline_ = std::chrono::steady_clock::now() + time;
  expired_ = false;
}

void Session::end_wait_if_due(Time now) {
  if (now < deadline_) return;
  expired_ = true;
  wake();
}

void Session::draining_began() {
  if (may_end_for_drain()) wake();
}

void Session::abandon() {
  abandoned_ = true;
  wake();
}

void Session::wake() {
  boost::system::error_code ignored;
  connection_.cancel(ignored);
  if (sleeper_ != nullptr) sleeper_->cancel();
}

}  // namespace quoted::service
