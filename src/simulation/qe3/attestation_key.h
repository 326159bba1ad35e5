// Keys and identifiers that QE3 derives from its seal keys (quote-generation 3.2, 3.3).
#pragma once

#include "crypto/p256.h"
#include "simulation/cpu/cpu.h"

namespace quoted::simulation {

// Given the seal key of the current CPUSVN and ISVSVN. The scalar is used as derived; real QE3
// uses its byte-reversal, which nobody outside can observe.
[[nodiscard]] base::Result<crypto::P256PrivateKey> attestation_key_from_key(
    const crypto::Key128& seal_key);

// Given the seal key of CPUSVN 0 and ISVSVN 0.
[[nodiscard]] base::Result<sgx::QeId> qe_id_from_key(const crypto::Key128& seal_key);

// Both through EGETKEY of the QE `secs` on `cpu`.
[[nodiscard]] base::Result<crypto::P256PrivateKey> derive_attestation_key(const Cpu& cpu,
                                                                          const Secs& secs);
[[nodiscard]] base::Result<sgx::QeId> derive_qe_id(const Cpu& cpu, const Secs& secs);

}  // namespace quoted::simulation
