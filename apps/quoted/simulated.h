// The simulated platform as the daemon hosts it.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "quoted/options.h"
#include "quoting/platform.h"
#include "service/certifier.h"
#include "simulation/authority/master_seed.h"
#include "telemetry/log.h"
#include "verification/trusted_root.h"

namespace quoted::app {

// Where the node's simulated CPU is published: beside the socket, so that whoever mounts the
// socket's directory finds both.
[[nodiscard]] std::filesystem::path published_cpu_path(const Options& options);

[[nodiscard]] std::filesystem::path status_path(const Options& options);

// Of the seed's world.
[[nodiscard]] base::Result<verification::TrustedRoot> simulated_root(
    const simulation::MasterSeed& seed, base::UnixTime now);

// Certified, or on its way to it, its CPU and status published. `to_certifier` is null unless there
// are sources of certificates; it and the clock outlive the platform.
[[nodiscard]] base::Result<std::unique_ptr<quoting::Platform>> start_simulated_platform(
    const Options& options, const simulation::MasterSeed& seed,
    const service::CertificationLink* to_certifier, const base::Clock& clock,
    telemetry::Logger& logger);

// Trusts the root of the seed's world beside those of the settings. Of the seed it keeps the root's
// public key alone.
[[nodiscard]] base::Result<service::CertificationServiceFactory> make_certification(
    const Options& options, const simulation::MasterSeed& seed, const base::Clock& clock);

}  // namespace quoted::app
