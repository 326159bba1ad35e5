// Intel's service (PCS, API version 4), or one that behaves like it (pcs-api 3).
#pragma once

#include <memory>
#include <string>

#include "certification/api_targets.h"
#include "certification/source.h"

namespace quoted::certification {

// Who chooses the certificate for a TCB: the service, or this node among all of them.
enum class PckSelection : std::uint8_t { kService, kLocal };

struct PcsOptions {
  ServiceUrl url;
  http::Headers headers{};  // with every request to this service
  std::string api_key{};    // may be empty; today's service wants none
  TcbUpdate update = TcbUpdate::kStandard;
  PckSelection selection = PckSelection::kService;
};

// A certificate that the service does not give is also looked for among all that it has for the
// platform: it answers 404 both for a platform it does not know and for a TCB it has none for.
//
// The root's CRL is taken from the address that the root certificate names. For a service that is
// not Intel's, that path is tried at the service itself first: a mirror, or a simulation whose
// certificates name a host that does not exist.
[[nodiscard]] std::unique_ptr<Source> make_pcs_source(PcsOptions options,
                                                      std::unique_ptr<http::Client> client);

}  // namespace quoted::certification
