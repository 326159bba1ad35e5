// quoted-pcs: the simulated manufacturer behind the interfaces of Intel's service and of a PCCS, or
// a cache of such services for many nodes.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

#include "base/file.h"
#include "base/text.h"
#include "base/wipe.h"
#include "common/start_up.h"
#include "quoted-pcs/cache_service.h"
#include "quoted-pcs/options.h"
#include "quoted-pcs/refresher.h"
#include "quoted-pcs/servers.h"
#include "service/certification_log.h"
#include "service/signal_set.h"
#include "telemetry/names.h"

namespace quoted::pcs {
namespace {

namespace event = telemetry::event;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using simulation::Dialect;

constexpr std::size_t kMaxSecretFile = 4096;
constexpr int kStartFailure = 1;

void print(std::FILE* stream, const std::string& words) {
  // Nobody is left to be told when the stream does not take it.
  (void)std::fputs(words.c_str(), stream);
  (void)std::fflush(stream);
}

// A secret as one line of a file.
Result<std::optional<base::SecretBytes>> read_secret(
    const std::optional<std::filesystem::path>& file) {
  if (!file) return std::nullopt;
  QUOTED_TRY(base::Bytes content, base::read_file(*file, kMaxSecretFile));
  const std::string_view words = base::as_text(content);
  const std::size_t size = words.find_last_not_of(" \t\r\n") + 1;
  auto out = base::SecretBytes::copy_of(base::ByteView(content).first(size));
  base::wipe(content);
  if (size == 0) {
    return fail(ErrorCode::kInvalidArgument, text(file->native(), " is empty; expected a secret"));
  }
  return out;
}

// Answers until it is told to stop.
base::Status serve_until_stopped(const Options& options, const Servers::Routes& routes,
                                 std::string_view what, service::SignalSet& signals,
                                 telemetry::Logger& logger) {
  QUOTED_TRY(const auto servers, Servers::start(options, routes, logger));
  const std::string pcs = servers->address(Dialect::kPcs);
  const std::string pccs = servers->address(Dialect::kPccs);
  logger.info(event::kServing, "serving",
              {{"pcs", std::string_view(pcs)}, {"pccs", std::string_view(pccs)}});
  print(stdout, text("ready: quoted-pcs, ", what, ", pcs ", pcs, ", pccs ", pccs, '\n'));

  (void)signals.wait();
  logger.info(event::kStopping, "requests under way still get their answer");
  servers->stop();
  logger.info(event::kStopped, "stopped");
  return {};
}

base::Status serve_manufacturer(const Options& options, service::SignalSet& signals,
                                telemetry::Logger& logger) {
  const base::SystemClock clock;
  QUOTED_TRY(auto seed, app::load_seed(options.seed_file, logger));
  logger.warning(event::kSimulatedPlatform,
                 "SIMULATED-NO-SECURITY: whatever this service certifies proves nothing about any "
                 "enclave");
  simulation::PcsServiceOptions service_options;
  service_options.state_dir = options.state_dir;
  service_options.notice = [&logger](const std::string& message) {
    logger.warning(event::kPlatformNotice, message);
  };
  QUOTED_TRY(service_options.api_key, read_secret(options.api_key_file));
  QUOTED_TRY(service_options.user_token, read_secret(options.user_token_file));
  QUOTED_TRY(const auto service,
             simulation::PcsService::create(std::move(seed), std::move(service_options), clock));
  return serve_until_stopped(
      options,
      [&](Dialect dialect, simulation::PcsObserver observer) {
        return service->routes(dialect, std::move(observer));
      },
      "SIMULATED-NO-SECURITY", signals, logger);
}

base::Status serve_cache(const Options& options, service::SignalSet& signals,
                         telemetry::Logger& logger) {
  const base::SystemClock clock;
  service::CertificationLog log(logger);
  QUOTED_TRY(const auto service_options, certification::service_options(*options.cache));
  QUOTED_TRY(auto sources, certification::make_sources(*options.cache));
  QUOTED_TRY(const auto service,
             certification::Service::create(service_options, std::move(sources), clock, log));
  const Refresher refresher(*service, clock);
  CacheService cache(*service, std::max<std::size_t>(1, options.threads / 2));
  return serve_until_stopped(
      options,
      [&](Dialect dialect, simulation::PcsObserver observer) {
        return cache.routes(dialect, std::move(observer));
      },
      "a cache", signals, logger);
}

base::Status serve(const Options& options) {
  // Before the first thread starts, so that signals come here and nowhere else.
  QUOTED_TRY(service::SignalSet signals, service::SignalSet::block({SIGTERM, SIGINT}));
  const telemetry::SystemLogClock log_clock;
  telemetry::Logger logger({.level = options.log_level, .format = options.log_format}, log_clock);
  QUOTED_CHECK(app::prepare_state_directory(options.state_dir));
  return options.cache ? serve_cache(options, signals, logger)
                       : serve_manufacturer(options, signals, logger);
}

base::Status run(int argc, const char* const* argv) {
  QUOTED_TRY(const CommandLine command_line, parse_command_line(argc, argv));
  if (!command_line.information) return serve(command_line.options);
  print(stdout, *command_line.information);
  return {};
}

}  // namespace
}  // namespace quoted::pcs

int main(int argc, char** argv) {
  using namespace quoted;
  app::claim_standard_descriptors();
  // Whoever reads the log or the ready line may leave.
  (void)std::signal(SIGPIPE, SIG_IGN);

  base::Status result;
  try {
    result = pcs::run(argc, argv);
  } catch (const std::exception& defect) {
    result = base::fail(base::ErrorCode::kInternal, defect.what());
  }
  if (result) return 0;
  pcs::print(stderr, base::text("quoted-pcs: ", result.error().explanation(), '\n'));
  return pcs::kStartFailure;
}
