#include "service/front.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "service/peer.h"
#include "service/server.h"
#include "service/signal_set.h"
#include "service/supervisor.h"

namespace quoted::service {
namespace {

// A connection costs a descriptor, and the usual limit of 1024 is there for programs that use
// select().
void raise_descriptor_limit() {
  constexpr rlim_t kEnough = 65536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kEnough));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

base::Status serve_until_stopped(int listening, const ControlChannel& to_supervisor,
                                 const PlatformFactory& make_platform, const ServerOptions& options,
                                 telemetry::Logger& logger) {
  // SIGINT reaches the whole process group from a terminal; the supervisor alone acts on it.
  QUOTED_TRY(SignalSet stop, SignalSet::block({SIGTERM}));
  const pid_t supervisor = ::getppid();
  raise_descriptor_limit();
  QUOTED_TRY(const auto platform, make_platform());
  const KernelPeerResolver peers;
  QUOTED_TRY(const auto server, Server::start(listening, options, *platform, peers, logger));
  to_supervisor.send({});
  (void)stop.wait();
  platform->prepare_to_stop();
  // Without a supervisor nobody takes this socket on: whoever connects is to hear that at once, and
  // the next daemon is to find it stale. With one, the socket is the next front's.
  if (::getppid() != supervisor) ::shutdown(listening, SHUT_RD);
  server->stop();
  return {};
}

}  // namespace

int run_front(int listening, const ControlChannel& to_supervisor,
              const PlatformFactory& make_platform, const ServerOptions& options,
              telemetry::Logger& logger) {
  const auto outcome =
      serve_until_stopped(listening, to_supervisor, make_platform, options, logger);
  if (outcome) return static_cast<int>(ExitCode::kStopped);
  to_supervisor.send({outcome.error()});
  return static_cast<int>(ExitCode::kStartFailure);
}

}  // namespace quoted::service
