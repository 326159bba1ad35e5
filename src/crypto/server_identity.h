// A TLS server's certificate and key, made for services that play another's part in tests and
// simulations.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace quoted::crypto {

struct ServerIdentity {
  std::string certificate_pem;  // the server's first, then what leads to a root
  std::string key_pem;
};

// A self-signed certificate with a new key, for localhost, 127.0.0.1 and ::1 besides `more_names`
// (host names or numeric addresses). Its subject says SIMULATED-NO-SECURITY: whoever meets it by
// mistake is to know what it is.
[[nodiscard]] base::Result<ServerIdentity> make_simulated_server_identity(
    const std::vector<std::string>& more_names, base::UnixTime not_before,
    base::UnixTime not_after);

// The same without the three names of this machine.
[[nodiscard]] base::Result<ServerIdentity> make_simulated_server_identity_for(
    const std::vector<std::string>& names, base::UnixTime not_before, base::UnixTime not_after);

}  // namespace quoted::crypto
