// The front process: makes the platform ready, serves on the socket it was given, and drains when
// the supervisor says so or ends.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "quoting/platform.h"
#include "service/control_channel.h"
#include "service/server_options.h"
#include "telemetry/log.h"

namespace quoted::service {

// Makes the platform ready to quote, and publishes what clients need to find with the socket.
using PlatformFactory = std::function<base::Result<std::unique_ptr<quoting::Platform>>()>;

// Runs from start to stop and gives the exit code of the process. Reports to the supervisor.
[[nodiscard]] int run_front(int listening, const ControlChannel& to_supervisor,
                            const PlatformFactory& make_platform, const ServerOptions& options,
                            telemetry::Logger& logger);

}  // namespace quoted::service
