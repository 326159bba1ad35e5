// A quote by nothing but the C interface of libsgx_quote_ex: the same calls, in the same order, as
// on hardware, where only the REPORT comes from somewhere else.
#pragma once

#include <quoted/sgx_quote_ex.h>

#include <functional>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::sample {

// Has the enclave make its REPORT for the Quoting Enclave that it is given.
using ReportMaker = std::function<base::Result<sgx_report_t>(const sgx_target_info_t&)>;

// ServiceUnavailable or ServiceRefused, with function and status, or the error of `make_report`.
[[nodiscard]] base::Result<base::Bytes> quote_by_library(const ReportMaker& make_report);

}  // namespace quoted::sample
