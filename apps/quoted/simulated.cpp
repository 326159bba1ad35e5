#include "quoted/simulated.h"

#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "quoting/simulated_platform.h"
#include "simulation/cpu/published_cpu.h"
#include "telemetry/names.h"

namespace quoted::app {
namespace {

// Everybody who may use the socket may read it.
constexpr mode_t kPublishedMode = 0644;

}  // namespace

std::filesystem::path published_cpu_path(const Options& options) {
  return options.socket.parent_path() / simulation::kPublishedCpuFileName;
}

base::Result<std::unique_ptr<quoting::Platform>> start_simulated_platform(
    const Options& options, const simulation::MasterSeed& seed, telemetry::Logger& logger) {
  quoting::SimulatedPlatformOptions platform_options;
  platform_options.state_dir = options.state_dir;
  platform_options.now = base::SystemClock().now();
  platform_options.notice = [&logger](const std::string& message) {
    logger.warning(telemetry::event::kPlatformNotice, message);
  };
  QUOTED_TRY(auto platform, quoting::SimulatedPlatform::create(seed, platform_options));
  QUOTED_CHECK(
      base::write_file(published_cpu_path(options), platform->published_cpu(), kPublishedMode));
  return platform;
}

}  // namespace quoted::app
