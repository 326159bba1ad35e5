// Who a server says it is: a certificate and the key to it, in PEM form.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace quoted::http {

struct TlsIdentity {
  std::string certificate_chain_pem;  // the server's own first
  std::string private_key_pem;        // without a passphrase
};

// FileUnreadable or WrongSize. What the files hold is looked at when a server starts with it.
[[nodiscard]] base::Result<TlsIdentity> read_tls_identity(
    const std::filesystem::path& certificate_chain, const std::filesystem::path& private_key);

}  // namespace quoted::http
