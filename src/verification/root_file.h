// A root certificate that somebody names as trusted.
#pragma once

#include "base/result.h"
#include "verification/trusted_root.h"

namespace quoted::verification {

// What is known of the root's PKI goes with it: for Intel's key the signers of Intel's Quoting
// Enclaves; for a root that is marked as simulated `simulated_qe`, when it is given.
[[nodiscard]] TrustedRoot trust(const crypto::Certificate& root, std::string name,
                                const std::optional<sgx::MrSigner>& simulated_qe = std::nullopt);

// The certificate in a file, PEM or DER. BadCertificate when it is none or not that of a CA.
[[nodiscard]] base::Result<TrustedRoot> read_trusted_root(
    const std::string& path, const std::optional<sgx::MrSigner>& simulated_qe = std::nullopt);

}  // namespace quoted::verification
