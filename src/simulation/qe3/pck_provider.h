// Where the quote logic gets the PCK certificate from: the role of the quote provider library
// (quote-generation 7).
#pragma once

#include <string>

#include "simulation/pce/pce.h"

namespace quoted::simulation {

// Who asks for a PCK certificate, with its raw TCB.
struct PckQuery {
  sgx::QeId qe_id;
  crypto::RsaCiphertext encrypted_ppid;
  sgx::CpuSvn cpu_svn;
  PceInfo pce_info;
};

struct PckCertification {
  Psvn tcb;               // TCBm: the level the certificate was issued for
  PceInfo pce_info;
  std::string chain_pem;  // leaf, CA, root; empty: none, so that quotes carry type 3 data
};

class PckProvider {
 public:
  virtual ~PckProvider() = default;
  [[nodiscard]] virtual base::Result<PckCertification> pck_certification(
      const sgx::QeId& qe_id, const crypto::RsaCiphertext& encrypted_ppid,
      const sgx::CpuSvn& raw_cpu_svn, const PceInfo& raw_pce_info) const = 0;
};

}  // namespace quoted::simulation
