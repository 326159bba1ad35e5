#include "quoted_inproc/simulated_backend.h"

#include <cstdlib>

#include "quoted_inproc/simulated/backend.h"

namespace quoted::inproc {
namespace {

constexpr const char* kUsualProvisionFile = "/var/lib/quoted/simulated-provision";

}  // namespace

Answer<std::unique_ptr<Backend>> open_simulated_backend() {
  const char* const named = ::secure_getenv("QUOTED_SIMULATED_PROVISION");
  const bool is_named = named != nullptr && *named != '\0';
  return std::make_unique<SimulatedBackend>(is_named ? named : kUsualProvisionFile);
}

}  // namespace quoted::inproc
