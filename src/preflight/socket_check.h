// Whether every client may connect to a daemon's socket.
#pragma once

#include <filesystem>

#include "preflight/report.h"

namespace quoted::preflight {

// Mode 0777 (aesm-protocol 1.1): clients run as any user.
[[nodiscard]] Check socket_mode_check(const std::filesystem::path& socket);

}  // namespace quoted::preflight
