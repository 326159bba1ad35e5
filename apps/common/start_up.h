// What has to be in order before anything is served.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "simulation/authority/master_seed.h"
#include "telemetry/log.h"

namespace quoted::app {

// Fills descriptors 0 to 2 where the caller left them closed: a client's connection in the place
// of stderr would receive the log.
void claim_standard_descriptors();

// Made with mode 0700 when missing. StateDirectoryUnusable when it cannot be made or written.
[[nodiscard]] base::Status prepare_state_directory(const std::filesystem::path& directory);

// Whether it could be prepared, as far as can be told without making anything.
[[nodiscard]] base::Status check_state_directory(const std::filesystem::path& directory);

// The content of `file`, or the public seed when none is named; warns when it is no secret.
// SeedUnusable when it cannot be read or has neither form.
[[nodiscard]] base::Result<simulation::MasterSeed> load_seed(
    const std::optional<std::filesystem::path>& file, telemetry::Logger& logger);

}  // namespace quoted::app
