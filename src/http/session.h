// One connection: read a request, have it answered, and again. Lives on the server's thread.
// Private to the module.
#pragma once

#include "http/request_reader.h"
#include "http/worker_pool.h"

namespace quoted::http {

// What the sessions of a server share.
struct SessionContext {
  const ServerOptions& options;
  const Router& router;
  ServerObserver& observer;
  asio::io_context& io;
  WorkerPool& pool;
  Budget& budget;
  // Set once the server stops: a connection that is idle then ends, the others after their answer.
  bool draining = false;
};

class Session {
 public:
  // Throws when the loop cannot watch the connection.
  Session(SessionContext& context, base::UniqueFd connection, const TlsContext* tls);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Ends when the connection is to be closed, which the destructor does.
  [[nodiscard]] Awaitable<void> run();

  // Called by the loop while run() is suspended.
  void end_wait_if_due(Connection::Time now) { connection_.end_wait_if_due(now); }
  void draining_began();
  void abandon() { connection_.abandon(); }
  // Whether this one may be closed to make room, and since when its client has been owing bytes.
  struct Waiting {
    bool idle;  // between requests; else within one
    Connection::Time since;
  };
  [[nodiscard]] std::optional<Waiting> waits_for_client() const;
  [[nodiscard]] bool has_input() { return connection_.has_input(); }

 private:
  struct Job;

  [[nodiscard]] Awaitable<bool> secured();
  // False when the connection is over.
  [[nodiscard]] Awaitable<bool> serve_one();
  [[nodiscard]] OrRefusal<const Route*> admit(const Head& head) const;
  [[nodiscard]] Awaitable<OrRefusal<Response>> run_heavy(const Route& route, Request request,
                                                         Reservation reservation);
  [[nodiscard]] Awaitable<bool> answer(const Response& response, AfterAnswer after, bool with_body);
  Awaitable<bool> answer_refusal(const Refusal& refusal, bool with_body, bool usable);
  [[nodiscard]] Awaitable<void> linger();
  [[nodiscard]] bool may_go_on(const Head& head) const;

  SessionContext& context_;
  Connection connection_;
  RequestReader reader_;
  std::size_t requests_ = 0;
  std::size_t pipelined_ = 0;
};

}  // namespace quoted::http
