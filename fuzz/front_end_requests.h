// Genuine requests for the engine to alter: with a report that the platform accepts, which no
// engine would find by itself.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "quoting/simulated_platform.h"

namespace quoted::fuzz {

// Whole frames.
[[nodiscard]] std::vector<base::Bytes> genuine_requests(const quoting::SimulatedPlatform& platform);

}  // namespace quoted::fuzz
