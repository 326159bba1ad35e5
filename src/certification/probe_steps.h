// The steps on the way to a document that can be used, and at which of them a failure arose.
#pragma once

#include <string_view>

#include "base/error.h"
#include "http/client.h"

namespace quoted::certification {

// In their order.
enum class ProbeStep : std::uint8_t {
  kAddress,    // the URL itself
  kResolve,    // the host's name
  kConnect,    // TCP
  kProxy,      // what stands between
  kTls,        // handshake and trust
  kReply,      // an HTTP reply with status 200
  kBody,       // all of its body
  kContent,    // the document that was asked for, in a form that is understood
  kSignature,  // signed by whom it must be, up to a trusted root
  kDates,      // valid now
};
// "tls"
[[nodiscard]] std::string_view probe_step_name(ProbeStep step);

// Of an error of a source, of its client or of the check of a document. `reached` tells how far a
// request came.
[[nodiscard]] ProbeStep failed_step(base::ErrorCode code, const http::Timings& reached,
                                    bool over_tls);

}  // namespace quoted::certification
