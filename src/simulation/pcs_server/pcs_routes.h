// Which paths each dialect has. Private to the service.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/pcs_server/call.h"

namespace quoted::simulation {

enum class Operation : std::uint8_t {
  kPckCert,
  kPckCerts,
  kPckCertsOfConfiguration,
  kPckCrl,
  kTcb,
  kQeIdentity,
  kQveIdentity,
  kEvaluationNumbers,
  kFmspcs,
  kRootCrlHex,
  kCrlByUri,
  kDistributionPoint,
  kRootCrlDer,
  kRootCrlPem,
  kRootDer,
  kRootPem,
  kRegisterManifest,
  kRegisterRecord,
};

struct PcsRoute {
  std::string method;
  std::string path;
  ApiVersion version;
  Operation operation;
  ServiceEndpoint group;
};

[[nodiscard]] const std::vector<PcsRoute>& pcs_routes(Dialect dialect);

}  // namespace quoted::simulation
