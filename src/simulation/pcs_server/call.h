// One request to the simulated certification service with what its answer depends on. Private to
// the service.
#pragma once

#include <memory>
#include <optional>

#include "http/request.h"
#include "simulation/authority/world.h"

namespace quoted::simulation {

// PCS is Intel's service, PCCS the caching proxy of a data centre (pcs-api 6). Decided by where a
// request arrives: the two answer some requests differently, and guessing would hide mistakes.
enum class Dialect : std::uint8_t { kPcs, kPccs };

// Of the API: 4, or 3 with the older TCB info (pcs-api 4).
enum class ApiVersion : std::uint8_t { k3 = 3, k4 = 4 };

struct Call {
  const http::Request& request;
  Dialect dialect;
  ApiVersion version;
  std::shared_ptr<const World> world;
  base::UnixTime now;
  std::optional<FaultKind> fault{};

  [[nodiscard]] bool has_fault(FaultKind kind) const { return fault == kind; }
};

}  // namespace quoted::simulation
