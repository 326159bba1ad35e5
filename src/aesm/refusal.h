// What an error code in an answer means, in words. Clients that pass on a coarser code than the
// service gave would lose the reason otherwise (aesm-protocol 4.4).
#pragma once

#include <cstdint>

#include "aesm/messages.h"
#include "base/error.h"

namespace quoted::aesm {

// ServiceRefused: the service answered `aesm` to a request of this kind. The error carries the
// number as its peer code.
[[nodiscard]] base::Error refusal(MessageKind kind, std::uint32_t aesm);

}  // namespace quoted::aesm
