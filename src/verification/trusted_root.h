// A root that quotes may chain to. Trust hangs on the key: two certificates of Intel's root exist.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/certificate.h"
#include "sgx/identifiers.h"

namespace quoted::verification {

struct TrustedRoot {
  std::string name;  // "Intel SGX Root CA", or where the file came from
  crypto::P256PublicKey key;
  // MRSIGNER of the one Quoting Enclave of this PKI, where it has one. The PCE certifies any
  // enclave with PROVISION_KEY, so without this (or a QE identity) an enclave of the platform's
  // owner could pose as the QE.
  std::optional<sgx::MrSigner> qe_mr_signer = std::nullopt;
  std::optional<sgx::MrSigner> td_qe_mr_signer = std::nullopt;  // the same for TDX
};

[[nodiscard]] TrustedRoot intel_root();

// The root with the key of `certificate`, or null.
[[nodiscard]] const TrustedRoot* find_root(std::span<const TrustedRoot> roots,
                                           const crypto::Certificate& certificate);

// The same, or RootNotTrusted or SimulatedRootNotTrusted; `what` ends in that certificate.
[[nodiscard]] base::Result<const TrustedRoot*> require_root(std::span<const TrustedRoot> roots,
                                                            const crypto::Certificate& certificate,
                                                            std::string_view what);

}  // namespace quoted::verification
