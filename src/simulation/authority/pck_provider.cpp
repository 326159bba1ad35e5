#include "simulation/authority/pck_provider.h"

#include "base/text.h"
#include "simulation/authority/ppid_key.h"

namespace quoted::simulation {

base::Result<PckCertification> AuthorityPckProvider::pck_certification(
    const sgx::QeId& qe_id, const crypto::RsaCiphertext& encrypted_ppid,
    const sgx::CpuSvn& raw_cpu_svn, const PceInfo& raw_pce_info) const {
  QUOTED_TRY(const base::SecretBytes ppid,
             crypto::rsa_oaep_decrypt(ppid_private_key_pem(), encrypted_ppid));
  if (!base::equal(ppid.view(), platform_.ppid.view())) {
    return base::fail(base::ErrorCode::kServiceUnavailable,
                      base::text("the platform with QE id ", qe_id.hex(),
                                 " is not registered with the simulated manufacturer"));
  }
  const Psvn tcb{raw_cpu_svn, raw_pce_info.isv_svn};
  QUOTED_TRY(const collateral::SgxExtension description, describe_platform(seed_, platform_, tcb));
  QUOTED_TRY(const crypto::P256PrivateKey pck,
             derive_pck_key(platform_.cpu, simulated_pce_secs(platform_.model.pce_isv_svn), tcb));
  const PckCa ca = platform_.model.pck_ca;
  QUOTED_TRY(const crypto::Certificate certificate,
             authority_.issue_pck(description, pck.public_key(), ca, seed_, store_));
  return PckCertification{tcb, raw_pce_info, authority_.chain_pem(certificate, ca)};
}

}  // namespace quoted::simulation
