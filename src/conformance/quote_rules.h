// What clients look at in a quote without verifying it (aesm-protocol 1.5, 3.6). Private.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "sgx/report.h"

namespace quoted::conformance {

// Empty when `field` holds a quote of the REPORT and nothing but zero bytes behind it.
[[nodiscard]] std::string flaw_of_quote(base::ByteView field,
                                        const std::optional<sgx::Report>& report);

// Empty when the QE's REPORT in `info` is on its nonce and on the quote in `quote_field`, and of
// the enclave that `qe` is the target info of.
[[nodiscard]] std::string flaw_of_qe_report_info(base::ByteView info, base::ByteView quote_field,
                                                 const std::optional<sgx::TargetInfo>& qe);

// The quote in `field` without its padding, or nothing when it says that it is longer.
[[nodiscard]] std::optional<base::ByteView> exact_quote(base::ByteView field);

}  // namespace quoted::conformance
