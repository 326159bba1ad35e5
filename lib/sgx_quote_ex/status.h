// From the service's error code to the code of the C interface (aesm-protocol 4.4).
#pragma once

#include <cstdint>

#include "sgx_quote_ex/abi.h"

namespace quoted::quote_ex {

// The columns of that table: each function lets other codes through.
enum class Column : std::uint8_t { kSelect, kInit, kSize, kQuote, kIds };

// Codes that a function does not pass on become SGX_ERROR_UNEXPECTED.
[[nodiscard]] sgx_status_t status_for(Column column, std::uint32_t aesm);

}  // namespace quoted::quote_ex
