#include "http/session.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <memory>

#include <boost/asio/post.hpp>

#include "base/text.h"

namespace quoted::http {
namespace {

using base::ErrorCode;
using base::text;
using Outcome = Connection::Outcome;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// A client that is refused in the middle of its body is still sending. Closing at once would reset
// the connection, and the client might never see the answer; so a little more is read and dropped.
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::size_t kMaxLingerBytes = std::size_t{1024} * 1024;

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Refusal overloaded(std::string message) {
  return {503,
          Rejection::kOverloaded,
          base::Error(ErrorCode::kHttpOverloaded, std::move(message)),
          {{"Retry-After", "1"}}};
}

// Their cause is the request line alone; the connection is in order.
bool is_about_target(Rejection why) {
  return why == Rejection::kNotFound || why == Rejection::kMethod || why == Rejection::kMediaType;
}

// On any thread; the session may be gone.
Response run_handler(const SessionContext& context, const Route& route, const Request& request) {
  try {
    return route.handler(request);
  } catch (const std::exception& defect) {
    context.observer.failed("handler", defect.what());
    return context.options.write_error(500,
                                       base::Error(ErrorCode::kInternal, "the handler failed"));
  }
}

}  // namespace

// A request on its way through the pool. The session may be gone when it is done.
struct Session::Job {
  Job(Request request_, Reservation reservation_)
      : request(std::move(request_)), reservation(std::move(reservation_)) {}

  Request request;
  Reservation reservation;
  std::atomic<bool> abandoned{false};
  // Touched on the server's thread alone.
  Connection* waiting = nullptr;
  bool finished = false;
  Response response;
};

Session::Session(SessionContext& context, base::UniqueFd connection, const TlsContext* tls)
    : context_(context),
      connection_(context.io, std::move(connection), tls),
      reader_(connection_, context.options.limits, context.options.deadlines) {}

Awaitable<void> Session::run() {
  if (const bool goes_on = co_await secured(); !goes_on) co_return;
  while (true) {
    const bool goes_on = co_await serve_one();
    if (!goes_on) co_return;
    // A client that sends faster than it is answered must not keep the others waiting.
    co_await asio::post(context_.io.get_executor(), kAwait);
  }
}

// To a peer without TLS nothing can be said.
Awaitable<bool> Session::secured() {
  connection_.set_deadline(reader_.first_deadline());
  const Outcome outcome = co_await connection_.secure();
  if (outcome == Outcome::kDone) co_return true;
  if (outcome == Outcome::kBroken) {
    context_.observer.rejected(Rejection::kMalformed, base::Error(ErrorCode::kHttpMalformed,
                                                                  text("the TLS handshake failed: ",
                                                                       connection_.tls_reason())));
  } else if (!connection_.abandoned()) {
    context_.observer.rejected(Rejection::kTimeout,
                               base::Error(ErrorCode::kHttpTimeout,
                                           text("the TLS handshake was not done within ",
                                                context_.options.deadlines.header.count(), " ms")));
  }
  co_return false;
}

void Session::draining_began() {
  if (reader_.stage() == RequestReader::Stage::kIdle && !connection_.has_input()) {
    connection_.abandon();
  }
}

std::optional<Session::Waiting> Session::waits_for_client() const {
  if (connection_.abandoned() || reader_.stage() == RequestReader::Stage::kServing) return {};
  return Waiting{.idle = reader_.stage() == RequestReader::Stage::kIdle,
                 .since = reader_.stage_began()};
}

Awaitable<bool> Session::serve_one() {
  if (context_.draining && !reader_.has_more() && !connection_.has_input()) co_return false;
  auto head = co_await reader_.next_head();
  if (!head) {
    co_await answer_refusal(head.error(), true, false);
    co_return false;
  }
  if (!head->has_value()) co_return false;
  Head& request_head = **head;
  const bool with_body = request_head.method != "HEAD";

  const auto route = admit(request_head);
  if (!route) {
    const bool usable =
        is_about_target(route.error().why) && reader_.finished() && may_go_on(request_head);
    const bool goes_on = co_await answer_refusal(route.error(), with_body, usable);
    co_return goes_on;
  }
  if (request_head.expects_continue && !reader_.finished()) {
    connection_.set_deadline(Clock::now() + context_.options.deadlines.write);
    const Outcome sent = co_await connection_.send(kContinue, {});
    if (sent != Outcome::kDone) co_return false;
  }
  Reservation reservation(context_.budget);
  auto body = co_await reader_.read_body(reservation);
  if (!body) {
    if (connection_.abandoned()) co_return false;
    co_await answer_refusal(body.error(), with_body, false);
    co_return false;
  }
  Request request{.method = std::move(request_head.method),
                  .path = std::move(request_head.target.path),
                  .query = std::move(request_head.target.query),
                  .headers = std::move(request_head.headers),
                  .body = *std::move(body)};
  Response response;
  if ((*route)->work == Work::kLight) {
    response = run_handler(context_, **route, request);
    request = {};
    reservation.release();
  } else {
    auto made = co_await run_heavy(**route, std::move(request), std::move(reservation));
    if (!made) {
      co_await answer_refusal(made.error(), with_body, false);
      co_return false;
    }
    response = *std::move(made);
  }
  if (response.hang_up) co_return false;
  const AfterAnswer after = may_go_on(request_head) ? AfterAnswer::kKeepOpen : AfterAnswer::kClose;
  const bool goes_on = co_await answer(response, after, with_body);
  co_return goes_on;
}

bool Session::may_go_on(const Head& head) const {
  const Limits& limits = context_.options.limits;
  return head.keep_alive && !context_.draining &&
         requests_ + 1 < limits.max_requests_per_connection && pipelined_ < limits.max_pipelined;
}

OrRefusal<const Route*> Session::admit(const Head& head) const {
  const Route* const route = context_.router.find(head.method, head.target.path);
  if (route == nullptr) {
    std::string allowed = context_.router.allowed(head.target.path);
    if (allowed.empty()) {
      return refuse(404, Rejection::kNotFound, ErrorCode::kHttpNotFound,
                    text("there is nothing at '", head.target.path, "'"));
    }
    auto out = refuse(405, Rejection::kMethod, ErrorCode::kHttpMethodNotAllowed,
                      text("'", head.target.path, "' takes ", allowed));
    out.value().headers.push_back({"Allow", std::move(allowed)});
    return out;
  }
  if (route->needs_body && !head.says_length) {
    return refuse(411, Rejection::kLengthRequired, ErrorCode::kHttpLengthRequired,
                  text("'", route->path, "' needs a body with its length"));
  }
  if (!route->media_types.empty()) {
    const std::string type = media_type(head.headers);
    if (std::ranges::find(route->media_types, type) == route->media_types.end()) {
      std::string wanted;
      for (const std::string& one : route->media_types)
        wanted += (wanted.empty() ? "" : " or ") + one;
      return refuse(415, Rejection::kMediaType, ErrorCode::kHttpMediaType,
                    text("the Content-Type is '", type, "', expected ", wanted));
    }
  }
  return route;
}

Awaitable<OrRefusal<Response>> Session::run_heavy(const Route& route, Request request,
                                                  Reservation reservation) {
  const auto job = std::make_shared<Job>(std::move(request), std::move(reservation));
  connection_.set_deadline(reader_.request_deadline());
  // The session may have ended by the time this runs; context and route have not.
  auto work = [job, &route, &context = context_] {
    if (job->abandoned) return;
    Response response = run_handler(context, route, job->request);
    // Whoever has the answer may count on the room that its request took.
    job->request = {};
    job->reservation.release();
    try {
      asio::post(context.io, [job, made = std::move(response)]() mutable {
        job->response = std::move(made);
        job->finished = true;
        if (job->waiting != nullptr) job->waiting->wake();
      });
    } catch (const std::exception& error) {
      context.observer.failed("answer", error.what());
    }
  };
  if (!context_.pool.submit(std::move(work))) {
    co_return tl::unexpected(overloaded("every thread is busy and the queue is full"));
  }
  {
    // Ends with the wait, however that ends.
    const std::unique_ptr<Job, void (*)(Job*)> listening(job.get(),
                                                         [](Job* one) { one->waiting = nullptr; });
    job->waiting = &connection_;
    while (!job->finished && !connection_.out_of_time()) co_await connection_.sleep();
  }
  if (!job->finished) {
    job->abandoned = true;
    co_return tl::unexpected(
        overloaded(text("no answer within ", context_.options.deadlines.request.count(), " ms")));
  }
  co_return std::move(job->response);
}

Awaitable<bool> Session::answer(const Response& response, AfterAnswer after, bool with_body) {
  reader_.begin_serving();
  const std::string head = response_head(response, after, unix_now());
  connection_.set_deadline(Clock::now() + context_.options.deadlines.write);
  context_.observer.answered(response.status);
  const Outcome sent = co_await connection_.send(
      head, with_body ? std::string_view(response.body) : std::string_view());
  if (sent != Outcome::kDone) co_return false;
  ++requests_;
  pipelined_ = reader_.has_more() ? pipelined_ + 1 : 0;
  if (after == AfterAnswer::kKeepOpen) {
    reader_.end_serving();
    co_return true;
  }
  if (!reader_.finished() || reader_.has_more() || connection_.has_input()) co_await linger();
  co_return false;
}

Awaitable<bool> Session::answer_refusal(const Refusal& refusal, bool with_body, bool usable) {
  context_.observer.rejected(refusal.why, refusal.error);
  Response response = context_.options.write_error(refusal.status, refusal.error);
  response.headers.insert(response.headers.end(), refusal.headers.begin(), refusal.headers.end());
  const bool goes_on =
      co_await answer(response, usable ? AfterAnswer::kKeepOpen : AfterAnswer::kClose, with_body);
  co_return goes_on;
}

Awaitable<void> Session::linger() {
  connection_.shutdown_send();
  connection_.set_deadline(Clock::now() + kLinger);
  std::array<char, 4096> dropped{};
  for (std::size_t total = 0; total < kMaxLingerBytes;) {
    const auto received = co_await connection_.receive(dropped);
    if (received.outcome != Outcome::kDone) co_return;
    total += received.size;
  }
}

}  // namespace quoted::http
