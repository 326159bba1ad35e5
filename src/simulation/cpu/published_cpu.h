// The file `simulated-cpu` that a simulated daemon publishes beside its socket: the node's
// simulated CPU as software on the node may use it. Report-key material only; neither the master
// seed nor any sealing or provisioning key can be computed from it.
#pragma once

#include <string_view>

#include "simulation/cpu/platform_cpu.h"

namespace quoted::simulation {

inline constexpr std::string_view kPublishedCpuFileName = "simulated-cpu";

[[nodiscard]] base::Bytes serialize_published_cpu(const PlatformCpu& cpu);

// Malformed names the line and key at fault.
[[nodiscard]] base::Result<PlatformCpu> parse_published_cpu(base::ByteView text);

}  // namespace quoted::simulation
