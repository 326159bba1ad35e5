// Which backend quotes in this process.
#pragma once

#include <memory>

#include "quoted_inproc/backend.h"
#include "quoted_inproc/devices.h"

namespace quoted::inproc {

// `wanted` is what QUOTED_PLATFORM holds, or NULL. Never simulated unless that says so.
[[nodiscard]] Answer<std::unique_ptr<Backend>> open_backend(const char* wanted,
                                                            const Devices& devices);

}  // namespace quoted::inproc
