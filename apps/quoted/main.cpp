// quoted: the daemon that makes SGX quotes for every container on a node.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include "base/text.h"
#include "quoted/options.h"
#include "quoted/preflight.h"
#include "quoted/simulated.h"
#include "common/start_up.h"
#include "service/front.h"
#include "service/supervisor.h"
#include "telemetry/names.h"

namespace quoted::app {
namespace {

using service::ExitCode;

void print(std::FILE* stream, const std::string& words) {
  // Nobody is left to be told when the stream does not take it.
  (void)std::fputs(words.c_str(), stream);
  (void)std::fflush(stream);
}

// What the certifier process works with; empty for a platform that is certified in the front.
struct Certification {
  // Of the front and of the certifier.
  std::optional<std::pair<service::CertificationLink, service::CertificationLink>> ends;
  service::CertificationServiceFactory make_service;
};

base::Result<Certification> prepare_certification(const Options& options,
                                                  const simulation::MasterSeed& seed,
                                                  const base::Clock& clock,
                                                  telemetry::Logger& logger) {
  for (const std::string& warning : options.collateral->warnings) {
    logger.warning(telemetry::event::kConfigurationIgnored, warning);
  }
  Certification out;
  QUOTED_TRY(out.make_service, make_certification(options, seed, clock));
  QUOTED_TRY(out.ends, service::CertificationLink::create());
  return out;
}

base::Result<ExitCode> serve(const Options& options) {
  const telemetry::SystemLogClock clock;
  telemetry::Logger logger({.level = options.log_level, .format = options.log_format}, clock);

  QUOTED_CHECK(prepare_state_directory(options.state_dir));
  QUOTED_TRY(auto loaded_seed, load_seed(options.seed_file, logger));
  std::optional<simulation::MasterSeed> seed(std::move(loaded_seed));
  logger.warning(telemetry::event::kSimulatedPlatform,
                 "SIMULATED-NO-SECURITY: the simulated platform proves nothing about any enclave");

  const base::SystemClock wall_clock;
  Certification certification;
  if (options.collateral) {
    QUOTED_TRY(certification, prepare_certification(options, *seed, wall_clock, logger));
  }
  service::ServerOptions server_options;
  server_options.threads = options.threads;
  const auto front_main = [&](int listening, const service::ControlChannel& to_supervisor) {
    const auto* const to_certifier = certification.ends ? &certification.ends->first : nullptr;
    if (certification.ends) certification.ends->second.close();
    return service::run_front(
        listening, to_supervisor,
        [&] { return start_simulated_platform(options, *seed, to_certifier, wall_clock, logger); },
        server_options, logger);
  };
  std::function<int()> certifier_main;
  if (certification.ends) {
    certifier_main = [&] {
      // This process meets the network, and has no use for the secret of the world.
      seed.reset();
      certification.ends->first.close();
      return service::run_certifier(certification.ends->second, certification.make_service,
                                    wall_clock, logger);
    };
  }
  service::Supervisor supervisor(
      {.socket = options.socket,
       .companions = {published_cpu_path(options), status_path(options)},
       .description = base::text("platform ", options.platform, ", SIMULATED-NO-SECURITY"),
       .certifier_main = std::move(certifier_main)},
      front_main, logger);
  return supervisor.run();
}

base::Result<int> run(int argc, const char* const* argv) {
  QUOTED_TRY(const CommandLine command_line, parse_command_line(argc, argv));
  if (command_line.information) {
    print(stdout, *command_line.information);
    return static_cast<int>(ExitCode::kStopped);
  }
  if (command_line.options.preflight) {
    return run_preflight(command_line.options, serve).map([](PreflightExit exit) {
      return static_cast<int>(exit);
    });
  }
  return serve(command_line.options).map([](ExitCode code) { return static_cast<int>(code); });
}

}  // namespace
}  // namespace quoted::app

int main(int argc, char** argv) {
  using namespace quoted;
  app::claim_standard_descriptors();
  // Whoever reads the log or the ready line may leave.
  (void)std::signal(SIGPIPE, SIG_IGN);

  base::Result<int> result = static_cast<int>(service::ExitCode::kRuntimeFailure);
  try {
    result = app::run(argc, argv);
  } catch (const std::exception& defect) {
    result = base::fail(base::ErrorCode::kInternal, defect.what());
  }
  if (!result) {
    app::print(stderr, base::text("quoted: ", result.error().explanation(), '\n'));
    return static_cast<int>(service::ExitCode::kStartFailure);
  }
  return *result;
}
