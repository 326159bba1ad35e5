// The enclave in whose name a preflight asks for quotes: one on the simulated CPU that a simulated
// daemon publishes beside its socket.
#pragma once

#include <filesystem>

#include "conformance/player.h"

namespace quoted::preflight {

// FileUnreadable or Malformed when there is no such CPU beside the socket.
[[nodiscard]] base::Result<conformance::ReportMaker> report_maker_beside(
    const std::filesystem::path& socket);

}  // namespace quoted::preflight
