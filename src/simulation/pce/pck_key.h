// Keys that the PCE derives from the provisioning key (sgx-cpu-model 6, quote-generation 4). The
// manufacturer computes the same ones to certify them.
#pragma once

#include "crypto/p256.h"
#include "simulation/cpu/cpu.h"

namespace quoted::simulation {

// 18 bytes: what the PCE is asked to sign at.
struct Psvn {
  sgx::CpuSvn cpu_svn;
  sgx::Le16 isv_svn;
};
static_assert(sizeof(Psvn) == 18 && alignof(Psvn) == 1);

// What QE3 and the PCE ask of EGETKEY: ATTRIBUTEMASK all ones but MODE64BIT, XFRM mask 0, MISCMASK
// all ones (sgx-cpu-model 6).
[[nodiscard]] sgx::KeyRequest architectural_key_request(sgx::KeyName name);

// 40 bytes: CMAC(key, i || label || zeros || 01 40) for i = 1, 2, 3, cut. The label fills 11 bytes
// from offset 1, zero-padded. Shared by the PCK key (label PAK_KEY_DER) and the attestation key
// (QE_ATT_DER).
[[nodiscard]] base::Result<base::SecretBytes> expand_key_seed(const crypto::Key128& key,
                                                             std::string_view label);

// CMAC(PROVISION key at CPUSVN 0 and ISVSVN 0, 16 zero bytes), given that key.
[[nodiscard]] base::Result<sgx::Ppid> ppid_from_key(const crypto::Key128& provision_key);

// The PCK private key, given the PROVISION key of its PSVN.
[[nodiscard]] base::Result<crypto::P256PrivateKey> pck_from_key(
    const crypto::Key128& provision_key);

// Both through EGETKEY of the PCE `secs` on `cpu`.
[[nodiscard]] base::Result<sgx::Ppid> derive_ppid(const Cpu& cpu, const Secs& secs);
[[nodiscard]] base::Result<crypto::P256PrivateKey> derive_pck_key(const Cpu& cpu, const Secs& secs,
                                                                  const Psvn& psvn);

}  // namespace quoted::simulation
