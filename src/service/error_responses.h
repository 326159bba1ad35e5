// The response that carries an error code for each kind of request: always of the matching kind,
// because the client libraries crash on another (aesm-protocol 1.5), with the extra fields that
// the reference sends on failure (3.1 to 3.7).
#pragma once

#include <cstdint>

#include "aesm/messages.h"

namespace quoted::service {

[[nodiscard]] aesm::Response error_response(const aesm::Request& request, std::uint32_t code);

}  // namespace quoted::service
