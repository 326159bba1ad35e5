// quote3_error_t of the DCAP libraries and what the AESM service makes of it
// (quote-generation 11.1, aesm-protocol 4.3, 7.8).
#pragma once

#include <cstdint>
#include <string_view>

namespace quoted::sgx {

// The aesm_error_t that the reference service answers for a result of the quoting library;
// values without one become 1.
[[nodiscard]] std::uint32_t aesm_error_for_quote3(std::uint32_t quote3);

}  // namespace quoted::sgx
