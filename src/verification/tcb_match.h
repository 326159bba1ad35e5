// Which TCB level a platform is at, and what that and its QE's level are worth together
// (quote-verification 10.12 to 13).
#pragma once

#include "collateral/pck_certificate.h"
#include "collateral/qe_identity.h"
#include "collateral/tcb_info.h"
#include "quote/quote.h"

namespace quoted::verification {

struct TcbMatch {
  const collateral::TcbLevel* level = nullptr;       // that decided; null when none was met
  const collateral::QeTcbLevel* qe_level = nullptr;  // null when the QE is below all of them
  const collateral::TdxModuleLevel* module_level = nullptr;
  collateral::QvlStatus status = collateral::QvlStatus::kTcbNotSupported;  // converged
};

// The identity of the TDX module with the major version `version`, or null (quote-verification 12).
[[nodiscard]] const collateral::TdxModuleIdentity* find_module(const collateral::TcbInfo& tcb_info,
                                                               std::uint8_t version);

[[nodiscard]] TcbMatch match_tcb(const quote::Quote& quote,
                                 const collateral::SgxExtension& platform,
                                 const collateral::TcbInfo& tcb_info,
                                 const collateral::QeIdentity& qe_identity);

}  // namespace quoted::verification
