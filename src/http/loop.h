// The server's event loop: accepts connections and runs their sessions, all on one thread. Reads
// nothing while accepting. Private to the module.
#pragma once

#include <list>
#include <optional>

#include <boost/asio/executor_work_guard.hpp>

#include "http/listener.h"
#include "http/session.h"

namespace quoted::http {

class Loop {
 public:
  // `tls` is that of every TCP connection; null without. The references outlive the loop.
  Loop(std::vector<Listener>& listeners, const TlsContext* tls, const ServerOptions& options,
       const Router& router, ServerObserver& observer, std::size_t pool_threads);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // The body of the loop's thread. Returns after drain(), when nothing is left to do.
  void run() noexcept;

  // From any thread, once.
  void drain();

  // After run() has returned: waits for the handlers that have begun.
  void end_handlers() { pool_.end(); }

 private:
  struct Entrance {
    Entrance(asio::io_context& io, const TlsContext* tls_) : socket(io), tls(tls_) {}
    Descriptor socket;
    const TlsContext* tls;
  };
  Awaitable<void> accept_until_drained(Entrance& entrance);
  // False when there is nothing left to accept, and nothing to come.
  Awaitable<bool> accept_and_wait(Entrance& entrance);
  enum class Accepted : std::uint8_t { kSome, kNoneLeft, kNoResources };
  Accepted accept_some(Entrance& entrance);
  void start_session(base::UniqueFd connection, const TlsContext* tls);
  // Closes the connection that can best be done without; false when there is none.
  bool make_room();
  void turn_away(base::UniqueFd connection, bool can_be_told);
  Awaitable<void> run_session(base::UniqueFd connection, const TlsContext* tls);

  void drain_here();
  void abandon_all();
  void finish_if_drained();
  void start_sweeping();
  void sweep();

  // Before io_, which owns the coroutines that the sessions live in.
  Budget budget_;
  std::list<Session*> sessions_;
  std::size_t connections_ = 0;

  asio::io_context io_;
  asio::executor_work_guard<Executor> keep_running_;
  const ServerOptions& options_;
  ServerObserver& observer_;
  std::list<Entrance> entrances_;
  std::size_t accepting_ = 0;
  Timer sweep_timer_;
  Timer drain_timer_;
  bool sweeping_ = false;
  int drain_batches_ = 0;
  bool abandoned_ = false;
  SessionContext context_;
  // Last, so that its threads end first: they use all of the above.
  WorkerPool pool_;
};

}  // namespace quoted::http
