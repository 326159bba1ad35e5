// The manufacturer's certification service, called in-process: answers with the PCK certificate of
// the one platform registered with it.
#pragma once

#include "simulation/authority/manufacturer.h"
#include "simulation/qe3/pck_provider.h"

namespace quoted::simulation {

// Everything it is given must outlive it.
class AuthorityPckProvider final : public PckProvider {
 public:
  AuthorityPckProvider(const MasterSeed& seed, const CertificateAuthority& authority,
                       const ManufacturedPlatform& platform, const CertificateStore& store)
      : seed_(seed), authority_(authority), platform_(platform), store_(store) {}

  [[nodiscard]] base::Result<PckCertification> pck_certification(
      const sgx::QeId& qe_id, const crypto::RsaCiphertext& encrypted_ppid,
      const sgx::CpuSvn& raw_cpu_svn, const PceInfo& raw_pce_info) const override;

 private:
  const MasterSeed& seed_;
  const CertificateAuthority& authority_;
  const ManufacturedPlatform& platform_;
  const CertificateStore& store_;
};

}  // namespace quoted::simulation
