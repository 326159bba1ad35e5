// The simulated Quoting Enclave for ECDSA (quote-generation 3): its five entry points, with every
// check in the order of the specification.
#pragma once

#include <memory>
#include <optional>

#include "simulation/qe3/blob.h"

namespace quoted::simulation {

inline constexpr std::uint16_t kSimulatedQeIsvSvn = 8;

// The simulation's own signer, never Intel's.
[[nodiscard]] Secs simulated_qe_secs(std::uint16_t isv_svn);

// modulus || exponent, and the QE's REPORT for the PCE that vouches for them.
struct PceEncryptionKey {
  std::array<std::byte, 388> public_key;
  sgx::Report report;
};

struct VerifiedBlob {
  sgx::PubKeyId key_id;
  sgx::Report own_report;
  std::optional<base::Bytes> resealed;  // set when the CPUSVN or ISVSVN moved on
};

struct CertificationInput {
  std::uint16_t certification_type = 3;
  crypto::RsaCiphertext encrypted_ppid;
  std::uint32_t encrypted_ppid_size = crypto::kRsa3072Size;
  Psvn certified_tcb;
  PceInfo certified_pce_info;
  sgx::CpuSvn raw_cpu_svn;
  PceInfo raw_pce_info;
  sgx::TargetInfo pce_target_info;
  sgx::Report qe_report;
  crypto::P256Signature qe_report_signature;
  sgx::QeId qe_id;
};

struct NonceInput {
  std::optional<sgx::QuoteNonce> nonce;
  std::optional<sgx::TargetInfo> app_target_info;
  bool wants_report = false;
};

struct GenerateQuoteInput {
  base::ByteView blob;
  const AttestationKey* opened = nullptr;  // the content of `blob` when the QE has it already
  base::ByteView report;                   // 432 bytes
  NonceInput nonce;
  std::uint16_t certification_type = 0;    // 0: none given, the blob's type 3 data is used
  base::ByteView certification_data;
  std::size_t certification_total_size = 0;
  std::uint16_t pce_isv_svn = 0;
  std::size_t buffer_size = 0;
  bool check_own_signature = true;
};

struct GeneratedQuote {
  base::Bytes quote;
  std::optional<sgx::Report> qe_report;  // for the application, when a nonce was given
};

// Usable from many threads. The CPU must outlive it.
class Qe3 {
 public:
  Qe3(const Cpu& cpu, const Secs& secs, const crypto::RsaPublicKey& provisioning_key)
      : cpu_(cpu), secs_(secs), provisioning_key_(provisioning_key) {}

  [[nodiscard]] const Secs& secs() const { return secs_; }
  [[nodiscard]] sgx::TargetInfo target_info() const;
  [[nodiscard]] base::Result<sgx::QeId> qe_id() const;

  // 3.4
  [[nodiscard]] base::Result<PceEncryptionKey> get_pce_encryption_key(
      const sgx::TargetInfo& pce, std::uint8_t crypto_suite, std::uint16_t certification_type,
      std::size_t buffer_size) const;

  // 3.5. Returns the blob; `report` receives the QE's REPORT for the PCE.
  [[nodiscard]] base::Result<base::Bytes> generate_attestation_key(
      const sgx::TargetInfo& pce, base::ByteView authentication_data, sgx::Report& report) const;

  // 3.7
  [[nodiscard]] base::Result<VerifiedBlob> verify_blob(base::ByteView blob) const;
  [[nodiscard]] base::Result<base::Bytes> store_certification_data(
      base::ByteView blob, const CertificationInput& input) const;
  [[nodiscard]] base::Result<AttestationKey> open_blob(base::ByteView blob) const;

  // 3.8. `report_cpu` made the application's REPORT: the platform's own CPU, or on a simulated
  // platform the SDK's simulation mode.
  [[nodiscard]] base::Result<GeneratedQuote> generate_quote(const GenerateQuoteInput& input,
                                                            const Cpu& report_cpu) const;

 private:
  [[nodiscard]] base::Result<sgx::Report> report_for(const sgx::TargetInfo& target,
                                                     std::initializer_list<base::ByteView> data,
                                                     const Cpu& cpu) const;
  [[nodiscard]] base::Result<sgx::Report> check_application_report(base::ByteView bytes,
                                                                   const Cpu& report_cpu) const;

  const Cpu& cpu_;
  Secs secs_;
  crypto::RsaPublicKey provisioning_key_;
};

}  // namespace quoted::simulation
