#include "service/server.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <exception>

#include "base/file.h"
#include "base/signals_blocked.h"
#include "base/text.h"
#include "service/loop.h"

namespace quoted::service {

using base::ErrorCode;
using base::fail;
using base::text;

namespace {

base::Result<base::UniqueFd> duplicate(int listening) {
  base::UniqueFd copy(::fcntl(listening, F_DUPFD_CLOEXEC, 0));
  if (!copy.valid()) {
    return fail(ErrorCode::kSocketFailure,
                text("cannot duplicate the listening socket: ", base::errno_text(errno)));
  }
  const int flags = ::fcntl(copy.get(), F_GETFL);
  if (flags < 0 || ::fcntl(copy.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return fail(ErrorCode::kSocketFailure,
                text("cannot make the listening socket non-blocking: ", base::errno_text(errno)));
  }
  return copy;
}

std::size_t thread_count(const ServerOptions& options) {
  if (options.threads > 0) return options.threads;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

}  // namespace

Server::Server(const ServerOptions& options) : options_(options) {}

Server::~Server() { stop(); }

base::Result<std::unique_ptr<Server>> Server::start(int listening, const ServerOptions& options,
                                                    quoting::Platform& platform,
                                                    const PeerResolver& peers,
                                                    telemetry::Logger& logger) {
  std::unique_ptr<Server> server(new Server(options));
  try {
    const base::SignalsBlocked blocked;
    for (std::size_t i = 0; i < thread_count(options); ++i) {
      QUOTED_TRY(base::UniqueFd copy, duplicate(listening));
      server->loops_.push_back(
          std::make_unique<Loop>(std::move(copy), server->options_, platform, peers, logger));
    }
    for (const auto& loop : server->loops_) {
      server->threads_.emplace_back([&loop = *loop] { loop.run(); });
    }
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInternal, text("cannot start an event loop: ", error.what()));
  }
  return server;
}

void Server::stop() {
  for (const auto& loop : loops_) loop->drain();
  threads_.clear();
  loops_.clear();
}

}  // namespace quoted::service
