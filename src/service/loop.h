// One event loop: accepts connections on its own duplicate of the listening socket and runs their
// sessions, all on one thread. Reads nothing while accepting. Private.
#pragma once

#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <memory>

#include <boost/asio/executor_work_guard.hpp>

#include "base/result.h"
#include "base/unique_fd.h"
#include "service/asio.h"
#include "service/session.h"

namespace quoted::service {

class Loop {
 public:
  // The references outlive the loop. Throws when the system has no descriptors for it.
  Loop(base::UniqueFd listening, const ServerOptions& options, quoting::Platform& platform,
       const PeerResolver& peers, telemetry::Logger& logger);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  // The body of the loop's thread. Returns after drain(), when nothing is left to do.
  void run() noexcept;

  // From any thread, once: accept what is in the backlog, answer the first request of every
  // connection, end.
  void drain();

 private:
  enum class Accepted : std::uint8_t { kSome, kNoneLeft, kListenerClosed, kNoResources };

  Awaitable<void> accept_until_drained();
  Awaitable<void> accept_and_wait();
  Accepted accept_some();
  bool refuses_connections();
  void start_session(base::UniqueFd connection);
  Awaitable<void> run_session(base::UniqueFd connection, Peer peer);
  Awaitable<void> pause(std::chrono::milliseconds time);

  void drain_here();
  void abandon_all();
  void finish_if_drained();
  void report(std::string_view event, const char* what) noexcept;

  // One coarse timer for the deadlines of all sessions, running while there are any.
  void start_sweeping();
  void sweep();

  // Before io_, which owns the coroutines that the sessions live in.
  boost::intrusive::list<Session, boost::intrusive::constant_time_size<false>> sessions_;
  std::size_t running_sessions_ = 0;

  asio::io_context io_;
  asio::executor_work_guard<Executor> keep_running_;
  const ServerOptions& options_;
  const PeerResolver& peers_;
  std::shared_ptr<LoopPort> port_;
  SessionContext context_;
  Descriptor listener_;
  Timer sweep_timer_;
  Timer drain_timer_;
  bool sweeping_ = false;
  bool accepting_ = true;
  bool abandoned_ = false;
};

}  // namespace quoted::service
