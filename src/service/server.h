// The AESM service on a listening socket: event loops, one per core, each with a thread of its
// own.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "base/result.h"
#include "quoting/platform.h"
#include "service/peer.h"
#include "service/server_options.h"
#include "telemetry/log.h"

namespace quoted::service {

class Loop;

class Server {
 public:
  // Serves when it returns. `listening` is duplicated and stays the caller's; it becomes
  // non-blocking. The references outlive the server; a quote that the platform completes after
  // the server's end is dropped.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(
      int listening, const ServerOptions& options, quoting::Platform& platform,
      const PeerResolver& peers, telemetry::Logger& logger);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Drains and returns when all is done: accepts what waits in the backlog, answers the first
  // request of every connection, and closes those that have had an answer and are idle. What is
  // not done at the drain deadline is closed. For nobody to be turned away who has connected,
  // the caller has the socket refuse new connections first (ListeningSocket::refuse_connections).
  void stop();

 private:
  explicit Server(const ServerOptions& options);

  ServerOptions options_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::jthread> threads_;
};

}  // namespace quoted::service
