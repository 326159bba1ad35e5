#include "quoted/simulated_front.h"

#include "base/file.h"
#include "collateral/pck_certificate.h"
#include "quoted/master_seed_file.h"
#include "quoting/simulated_platform.h"
#include "simulation/cpu/published_cpu.h"
#include "telemetry/names.h"

namespace quoted::app {
namespace {

constexpr mode_t kPublishedCpuMode = 0644;

base::Result<std::unique_ptr<quoting::Platform>> make_platform(const Options& options,
                                                               telemetry::Logger& logger) {
  QUOTED_TRY(simulation::MasterSeed seed, load_master_seed(options.seed_file, logger));
  quoting::SimulatedPlatformOptions platform;
  platform.state_dir = options.state_dir;
  platform.platform_name = options.platform_name;
  platform.now = base::SystemClock().now();
  platform.notice = [&logger](const std::string& message) {
    logger.warning(telemetry::event::kStateRebuilt, message);
  };
  logger.warning(telemetry::event::kSimulatedPlatform,
                 "quotes of this daemon prove nothing about hardware",
                 {{"marker", collateral::kSimulatedMarker}, {"platform_name", options.platform_name}});
  QUOTED_TRY(auto made, quoting::SimulatedPlatform::create(std::move(seed), platform));
  QUOTED_CHECK(
      base::write_file(published_cpu_file(options), made->published_cpu(), kPublishedCpuMode));
  return made;
}

}  // namespace

std::filesystem::path published_cpu_file(const Options& options) {
  return options.socket.parent_path() / simulation::kPublishedCpuFileName;
}

service::PlatformFactory simulated_platform_factory(const Options& options,
                                                    telemetry::Logger& logger) {
  return [&options, &logger] { return make_platform(options, logger); };
}

}  // namespace quoted::app
