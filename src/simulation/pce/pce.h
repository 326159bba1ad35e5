// The simulated Provisioning Certification Enclave (quote-generation 4): encrypts the PPID for the
// manufacturer and signs QE reports with the PCK key of the TCB level asked for.
#pragma once

#include "crypto/rsa_oaep.h"
#include "simulation/pce/pck_key.h"

namespace quoted::simulation {

inline constexpr std::uint8_t kCryptoSuiteRsa3072Oaep = 1;
inline constexpr std::uint8_t kSignatureSchemeEcdsaP256 = 0;

// PCE info: 4 bytes (quote-generation 2.5).
struct PceInfo {
  sgx::Le16 isv_svn;
  sgx::Le16 pce_id;
  friend bool operator==(const PceInfo&, const PceInfo&) = default;
};
static_assert(sizeof(PceInfo) == 4);

struct PcInfo {
  crypto::RsaCiphertext encrypted_ppid;
  PceInfo info;
  std::uint8_t signature_scheme = kSignatureSchemeEcdsaP256;
};

// The simulation's own signer, never Intel's. The measurement stands for a build of the enclave,
// so it changes with `isv_svn`.
[[nodiscard]] Secs simulated_pce_secs(std::uint16_t isv_svn);
inline constexpr std::uint16_t kSimulatedPceIsvSvn = 13;

// Usable from many threads. The CPU must outlive it.
class Pce {
 public:
  Pce(const Cpu& cpu, const Secs& secs) : cpu_(cpu), secs_(secs) {}

  [[nodiscard]] sgx::TargetInfo target_info() const;
  [[nodiscard]] PceInfo info() const { return {secs_.isv_svn, 0}; }

  // 4.1. `report` is a QE's REPORT for this PCE; `public_key` is modulus || exponent, 388 bytes.
  // PceInvalidParameter, PceInvalidReport, PceInvalidPrivilege, PceCrypto.
  [[nodiscard]] base::Result<PcInfo> get_pc_info(base::ByteView report, base::ByteView public_key,
                                                 std::uint8_t crypto_suite,
                                                 std::size_t output_size) const;

  // 4.2. PceInvalidParameter, PceInvalidReport, PceInvalidPrivilege, PceInvalidTcb.
  [[nodiscard]] base::Result<crypto::P256Signature> certify_enclave(const Psvn& wanted,
                                                                    base::ByteView report,
                                                                    std::size_t output_size) const;

 private:
  [[nodiscard]] base::Result<sgx::Report> check_report(base::ByteView report) const;

  const Cpu& cpu_;
  Secs secs_;
};

}  // namespace quoted::simulation
