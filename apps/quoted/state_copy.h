// A copy of the daemon's state, for a candidate to work on that must not touch the original.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace quoted::app {

// Regular files and directories alone; files that vanish meanwhile are passed over. Where there is
// no original there is no copy. StateDirectoryUnusable when the daemon could not use the original,
// or when it is larger than any state: 10,000 files or 256 MiB.
[[nodiscard]] base::Status copy_state(const std::filesystem::path& from,
                                      const std::filesystem::path& to);

}  // namespace quoted::app
