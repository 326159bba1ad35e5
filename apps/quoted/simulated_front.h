// What the front process serves with on the simulated platform.
#pragma once

#include <filesystem>

#include "quoted/options.h"
#include "service/front.h"

namespace quoted::app {

// The file that tells software on the node how the simulated CPU makes REPORTs.
[[nodiscard]] std::filesystem::path published_cpu_file(const Options& options);

// Makes the platform and publishes its CPU beside the socket.
[[nodiscard]] service::PlatformFactory simulated_platform_factory(const Options& options,
                                                                  telemetry::Logger& logger);

}  // namespace quoted::app
