// The public header as the library itself sees it: the same declarations, exported.
#pragma once

#pragma GCC visibility push(default)
#include "quoted/sgx_quote_ex.h"
#pragma GCC visibility pop

// aesm-protocol 6.1 to 6.8: what other people's programs were compiled with.
static_assert(sizeof(sgx_status_t) == 4);
static_assert(sizeof(sgx_att_key_id_t) == 256 && alignof(sgx_att_key_id_t) == 1);
static_assert(sizeof(sgx_att_key_id_ext_t) == 256 && alignof(sgx_att_key_id_ext_t) == 1);
static_assert(sizeof(sgx_ql_att_key_id_t) == 158 && alignof(sgx_ql_att_key_id_t) == 1);
static_assert(sizeof(sgx_target_info_t) == 512 && alignof(sgx_target_info_t) == 8);
static_assert(sizeof(sgx_report_body_t) == 384 && alignof(sgx_report_body_t) == 8);
static_assert(sizeof(sgx_report_t) == 432 && alignof(sgx_report_t) == 8);
static_assert(sizeof(sgx_qe_report_info_t) == 960 && alignof(sgx_qe_report_info_t) == 1);
