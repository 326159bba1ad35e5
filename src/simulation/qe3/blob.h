// The ECDSA blob: QE3's attestation key and its certification, sealed (quote-generation 3.6).
#pragma once

#include "crypto/p256.h"
#include "simulation/pce/pce.h"

namespace quoted::simulation {

inline constexpr std::size_t kBlobSize = 2205;
inline constexpr std::size_t kQeAuthenticationDataSize = 32;

// The authenticated clear part, 1223 bytes.
struct BlobClearPart {
  std::uint8_t type = 0;
  std::uint8_t version = 0;
  sgx::CpuSvn certified_cpu_svn;
  sgx::Le16 certified_qe_isv_svn;
  PceInfo certified_pce_info;
  sgx::Le32 certification_type;
  sgx::CpuSvn raw_cpu_svn;
  PceInfo raw_pce_info;
  std::uint8_t signature_scheme = 0;
  sgx::TargetInfo pce_target_info;
  sgx::Report qe_report;
  crypto::P256Signature qe_report_signature;
  crypto::P256Point attestation_key;
  sgx::PubKeyId key_id;
  sgx::CpuSvn seal_cpu_svn;
  sgx::Le16 seal_qe_isv_svn;
  sgx::Le32 authentication_data_size;
  std::array<std::byte, kQeAuthenticationDataSize> authentication_data{};
  sgx::QeId qe_id;
};
static_assert(sizeof(BlobClearPart) == 1223 && alignof(BlobClearPart) == 1);

// The secret part, 422 bytes; wiped by the SecretBytes that holds it.
struct BlobSecretPart {
  std::array<std::byte, 32> private_key{};
  std::uint8_t ppid_is_clear = 0;
  std::uint8_t crypto_suite = 0;
  sgx::Le32 encrypted_ppid_size;
  crypto::RsaCiphertext encrypted_ppid;
};
static_assert(sizeof(BlobSecretPart) == 422 && alignof(BlobSecretPart) == 1);

// What a blob holds, for use inside the QE.
struct AttestationKey {
  crypto::P256PrivateKey key;
  crypto::RsaCiphertext encrypted_ppid;
  BlobClearPart clear;
};

// Seals under the MRSIGNER policy with a random KEYID at the present CPUSVN and ISVSVN.
[[nodiscard]] base::Result<base::Bytes> seal_blob(const Cpu& cpu, const Secs& secs,
                                                  const AttestationKey& content);

// QeInvalidBlob for another size, layout, version, platform or signer, and for altered bytes.
[[nodiscard]] base::Result<AttestationKey> unseal_blob(const Cpu& cpu, const Secs& secs,
                                                       base::ByteView blob);

}  // namespace quoted::simulation
