// Quotes that are made in this process, by libquoted_inproc.so.1 of the same release.
#pragma once

#include "sgx_dcap_ql/call.h"

namespace quoted::dcap_ql::in_process {

// Pointers are the caller's, and not NULL but where it says so. Why they refuse was told already,
// unless there is a reason in the refusal.
[[nodiscard]] Answer<void> set_load_policy(std::uint32_t policy);
[[nodiscard]] Answer<void> get_target_info(sgx_target_info_t* target_info);
[[nodiscard]] Answer<void> get_quote_size(std::uint32_t* size);
[[nodiscard]] Answer<void> get_quote(const sgx_report_t* report, std::uint32_t size,
                                     std::uint8_t* quote);
// `path` may be NULL.
[[nodiscard]] Answer<void> set_path(std::uint32_t type, const char* path);

}  // namespace quoted::dcap_ql::in_process
