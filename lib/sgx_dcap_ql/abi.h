// The public header as the library itself sees it: the same declarations, exported.
#pragma once

#pragma GCC visibility push(default)
#include "quoted/sgx_dcap_ql.h"
#pragma GCC visibility pop

// aesm-protocol 6, 7.1, 7.2: what other people's programs were compiled with.
static_assert(sizeof(quote3_error_t) == 4 && sizeof(sgx_ql_request_policy_t) == 4);
static_assert(sizeof(sgx_ql_path_type_t) == 4 && sizeof(sgx_ql_log_level_t) == 4);
static_assert(sizeof(sgx_target_info_t) == 512 && alignof(sgx_target_info_t) == 8);
static_assert(sizeof(sgx_report_t) == 432 && alignof(sgx_report_t) == 8);
