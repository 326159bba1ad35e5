// The collateral of one platform: the seven documents that say what its quotes are worth
// (quote-verification 1), byte for byte as they were received.
#pragma once

#include <array>
#include <string_view>

#include "base/bytes.h"

namespace quoted::collateral {

struct Collateral {
  base::Bytes pck_crl_issuer_chain;
  base::Bytes root_ca_crl;
  base::Bytes pck_crl;
  base::Bytes tcb_info_issuer_chain;
  base::Bytes tcb_info;
  base::Bytes qe_identity_issuer_chain;
  base::Bytes qe_identity;
};

// A part by its name in messages and bundles, its usual file names and its place.
struct CollateralPart {
  std::string_view name;                       // "tcb_info"
  std::array<std::string_view, 3> file_names;  // the first that exists counts; may end in empties
  base::Bytes Collateral::* bytes;
};

inline constexpr std::array kCollateralParts{
    CollateralPart{"pck_crl_issuer_chain",
                   {"pck_crl_issuer_chain.pem"},
                   &Collateral::pck_crl_issuer_chain},
    CollateralPart{"root_ca_crl",
                   {"root_ca_crl.der", "root_ca_crl.pem", "root_ca_crl.hex"},
                   &Collateral::root_ca_crl},
    CollateralPart{"pck_crl",
                   {"pck_crl.der", "pck_crl.pem", "pck_crl.hex"},
                   &Collateral::pck_crl},
    CollateralPart{"tcb_info_issuer_chain",
                   {"tcb_info_issuer_chain.pem"},
                   &Collateral::tcb_info_issuer_chain},
    CollateralPart{"tcb_info", {"tcb_info.json"}, &Collateral::tcb_info},
    CollateralPart{"qe_identity_issuer_chain",
                   {"qe_identity_issuer_chain.pem"},
                   &Collateral::qe_identity_issuer_chain},
    CollateralPart{"qe_identity", {"qe_identity.json"}, &Collateral::qe_identity},
};

}  // namespace quoted::collateral
