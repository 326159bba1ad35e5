// What the simulation's own enclaves, QE3 and PCE, have in common.
#pragma once

#include <string_view>

#include "crypto/digest.h"
#include "simulation/cpu/cpu.h"

namespace quoted::simulation {

// The signer of the simulated QE3 and PCE; never Intel's.
[[nodiscard]] sgx::MrSigner simulated_signer();

// Identity and attributes of a simulated architectural enclave (quote-generation 2.6): INIT,
// MODE64BIT and PROVISION_KEY, XFRM 7, no KSS.
[[nodiscard]] Secs architectural_enclave(std::string_view name, std::uint16_t isv_prod_id,
                                         std::uint16_t isv_svn);

// MRENCLAVE, ATTRIBUTES and MISCSELECT of `secs`, all that a target without KSS needs.
[[nodiscard]] sgx::TargetInfo target_info_for(const Secs& secs);

// The digest followed by 32 zero bytes.
[[nodiscard]] sgx::ReportData digest_as_report_data(const crypto::Sha256& digest);

}  // namespace quoted::simulation
