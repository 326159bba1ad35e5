// quoted: the quote daemon.
#include <cstdio>
#include <exception>

#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "quoted/options.h"
#include "quoted/simulated_front.h"
#include "service/supervisor.h"

namespace {

using namespace quoted;

base::Result<service::ExitCode> serve(const app::Options& options) {
  const telemetry::SystemLogClock clock;
  telemetry::Logger logger(options.log, clock);
  const auto factory = app::simulated_platform_factory(options, logger);
  const auto front = [&](int listening, const service::ControlChannel& to_supervisor) {
    return service::run_front(listening, to_supervisor, factory, options.server, logger);
  };
  service::SupervisorOptions supervision;
  supervision.socket = options.socket;
  supervision.companions = {app::published_cpu_file(options)};
  supervision.description = base::text("platform simulated, ", collateral::kSimulatedMarker);
  return service::Supervisor(supervision, front, logger).run();
}

base::Result<service::ExitCode> run(int argc, char** argv) {
  QUOTED_TRY(const auto options, app::parse_options(argc, argv));
  if (!options) return service::ExitCode::kStopped;
  return serve(*options);
}

}  // namespace

int main(int argc, char** argv) {
  base::Result<service::ExitCode> result = service::ExitCode::kRuntimeFailure;
  try {
    result = run(argc, argv);
  } catch (const std::exception& error) {
    result = base::fail(base::ErrorCode::kInternal, error.what());
  }
  if (result) return static_cast<int>(*result);
  std::fprintf(stderr, "quoted: %s\n", result.error().explanation().c_str());
  return static_cast<int>(service::ExitCode::kStartFailure);
}
