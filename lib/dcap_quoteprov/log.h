// What the library tells its host: through the callback that was set, else on standard error where
// the environment asks for it.
#pragma once

#include <string_view>

#include "dcap_quoteprov/abi.h"

namespace quoted::quoteprov {

void set_logger(sgx_ql_logging_callback_t logger, sgx_ql_log_level_t most) noexcept;

void log(sgx_ql_log_level_t level, std::string_view message) noexcept;

}  // namespace quoted::quoteprov
