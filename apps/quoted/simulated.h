// The simulated platform as the daemon hosts it.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "quoted/options.h"
#include "quoting/platform.h"
#include "simulation/authority/master_seed.h"
#include "telemetry/log.h"

namespace quoted::app {

// Where the node's simulated CPU is published: beside the socket, so that whoever mounts the
// socket's directory finds both.
[[nodiscard]] std::filesystem::path published_cpu_path(const Options& options);

// Ready to quote, its CPU published.
[[nodiscard]] base::Result<std::unique_ptr<quoting::Platform>> start_simulated_platform(
    const Options& options, const simulation::MasterSeed& seed, telemetry::Logger& logger);

}  // namespace quoted::app
