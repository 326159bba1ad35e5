// Quotes from the service of the node, through libsgx_quote_ex.so.1: ours or any other of that name
// (aesm-protocol 7.5).
#pragma once

#include "sgx_dcap_ql/call.h"

namespace quoted::dcap_ql::out_of_process {

// Pointers are the caller's, and not NULL. One connection for each call of libsgx_quote_ex, nothing
// is repeated.
[[nodiscard]] Answer<void> get_target_info(sgx_target_info_t* target_info);
[[nodiscard]] Answer<void> get_quote_size(std::uint32_t* size);
[[nodiscard]] Answer<void> get_quote(const sgx_report_t* report, std::uint32_t size,
                                     std::uint8_t* quote);

// Tells libsgx_quote_ex, if it is open, who listens now.
void callback_changed() noexcept;

}  // namespace quoted::dcap_ql::out_of_process
