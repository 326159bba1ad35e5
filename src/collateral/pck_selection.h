// Choosing one PCK certificate of a platform for the TCB that it runs at (quote-generation 6), as
// Intel's service and PCCS do it.
#pragma once

#include <span>

#include "collateral/pck_certificate.h"
#include "collateral/tcb_info.h"

namespace quoted::collateral {

// What a platform runs at, which no certificate need have been issued for.
struct RawTcb {
  sgx::CpuSvn cpu_svn;
  std::uint16_t pce_isv_svn = 0;
  sgx::PceId pce_id;
};

// The position of the certificate whose key the PCE shall sign with. The candidates are all those
// of one platform, in any order. NoPckForTcb when every one is for a higher TCB; PckSelectionFailed
// when the TCB info or one of the candidates does not belong to this platform.
[[nodiscard]] base::Result<std::size_t> select_pck_certificate(
    const RawTcb& raw, const TcbInfo& tcb_info, std::span<const PckCertificate> candidates);

}  // namespace quoted::collateral
