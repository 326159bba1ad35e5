// The JSON documents of the simulated manufacturer, in the shape of Intel's (pcs-api 5): compact,
// members in the order of the real ones. Here only the part that is signed; collateral_issuer.h
// signs it.
#pragma once

#include <string>

#include "simulation/authority/tcb_state.h"

namespace quoted::simulation {

// Version 3 is that of API v4, 2 that of v3.
enum class TcbInfoVersion : std::uint8_t { k2 = 2, k3 = 3 };

// issueDate to nextUpdate.
struct Validity {
  base::UnixTime from;
  base::UnixTime to;
};

// The value of tcbInfo for the platforms of `fmspc`. `state` passes `check`.
[[nodiscard]] std::string tcb_info_text(const TcbState& state, const sgx::Fmspc& fmspc,
                                        TcbInfoVersion version, const Validity& validity);

// The value of enclaveIdentity for the simulated QE.
[[nodiscard]] std::string qe_identity_text(const TcbState& state, const Validity& validity);

// {"name":text,"signature":"hex"}
[[nodiscard]] std::string signed_document(std::string_view name, std::string_view text,
                                          const crypto::P256Signature& signature);

}  // namespace quoted::simulation
