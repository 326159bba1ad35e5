// QE3 and PCE on one CPU, with the calls that bring up an attestation key. For tests.
#pragma once

#include "simulation/authority/ppid_key.h"
#include "simulation/qe3/qe3.h"
#include "simulation/testing/samples.h"

namespace quoted::simulation::test {

inline constexpr std::size_t kPceKeySize = 388;
inline constexpr std::uint16_t kPpidCertification = 3;

// 00 01 02 ... 1F, as QE3's library passes it.
[[nodiscard]] inline base::Bytes authentication_data() {
  const auto bytes = counting<sgx::PubKeyId>(0);
  return base::to_bytes(bytes.view());
}

// Declared in the order of dependence, and pinned in memory by it.
struct Enclaves {
  explicit Enclaves(const CpuParts& parts = {},
                    const Secs& qe_secs = simulated_qe_secs(kSimulatedQeIsvSvn),
                    const Secs& pce_secs = simulated_pce_secs(kSimulatedPceIsvSvn))
      : cpu(parts.make()), pce(cpu, pce_secs), qe(cpu, qe_secs, ppid_public_key().value()) {}
  Enclaves(const Enclaves&) = delete;
  Enclaves& operator=(const Enclaves&) = delete;

  [[nodiscard]] PceEncryptionKey encryption_key() const {
    return qe
        .get_pce_encryption_key(pce.target_info(), kCryptoSuiteRsa3072Oaep, kPpidCertification,
                                kPceKeySize)
        .value();
  }

  [[nodiscard]] PcInfo pc_info() const {
    const PceEncryptionKey key = encryption_key();
    return pce
        .get_pc_info(base::struct_bytes(key.report), key.public_key, kCryptoSuiteRsa3072Oaep,
                     crypto::kRsa3072Size)
        .value();
  }

  [[nodiscard]] Psvn raw_tcb() const { return {cpu.cpu_svn(), pce.info().isv_svn}; }

  // What the library stores once the PCE has signed `qe_report`.
  [[nodiscard]] CertificationInput certification_of(const sgx::Report& qe_report) const {
    CertificationInput out;
    out.encrypted_ppid = pc_info().encrypted_ppid;
    out.certified_tcb = raw_tcb();
    out.certified_pce_info = pce.info();
    out.raw_cpu_svn = cpu.cpu_svn();
    out.raw_pce_info = pce.info();
    out.pce_target_info = pce.target_info();
    out.qe_report = qe_report;
    out.qe_report_signature =
        pce.certify_enclave(raw_tcb(), base::struct_bytes(qe_report), 64).value();
    out.qe_id = qe.qe_id().value();
    return out;
  }

  // Blob of a new key, not certified; `qe_report` vouches for it.
  [[nodiscard]] base::Bytes new_blob(sgx::Report& qe_report) const {
    return qe.generate_attestation_key(pce.target_info(), authentication_data(), qe_report).value();
  }

  [[nodiscard]] base::Bytes certified_blob() const {
    sgx::Report qe_report;
    const base::Bytes blob = new_blob(qe_report);
    return qe.store_certification_data(blob, certification_of(qe_report)).value();
  }

  PlatformCpu cpu;
  Pce pce;
  Qe3 qe;
};

}  // namespace quoted::simulation::test
