// The master seed, from its file or the public one for development.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "simulation/authority/master_seed.h"
#include "telemetry/log.h"

namespace quoted::app {

// SeedUnusable names the file and what is wrong with it. A file that others may read, and the
// absence of one, are told in the log.
[[nodiscard]] base::Result<simulation::MasterSeed> load_master_seed(
    const std::optional<std::filesystem::path>& file, telemetry::Logger& logger);

}  // namespace quoted::app
