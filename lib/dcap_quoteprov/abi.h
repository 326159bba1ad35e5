// The public header as the library itself sees it: the same declarations, exported.
#pragma once

#include <cstddef>

#pragma GCC visibility push(default)
#include "quoted/dcap_quoteprov.h"
#pragma GCC visibility pop

// quote-generation 7.3: what other people's programs were compiled with.
static_assert(sizeof(sgx_ql_pck_cert_id_t) == 43);
static_assert(offsetof(sgx_ql_pck_cert_id_t, qe3_id_size) == 8);
static_assert(offsetof(sgx_ql_pck_cert_id_t, p_platform_cpu_svn) == 12);
static_assert(offsetof(sgx_ql_pck_cert_id_t, p_platform_pce_isv_svn) == 20);
static_assert(offsetof(sgx_ql_pck_cert_id_t, p_encrypted_ppid) == 28);
static_assert(offsetof(sgx_ql_pck_cert_id_t, encrypted_ppid_size) == 36);
static_assert(offsetof(sgx_ql_pck_cert_id_t, crypto_suite) == 40);
static_assert(offsetof(sgx_ql_pck_cert_id_t, pce_id) == 41);

static_assert(sizeof(sgx_ql_config_t) == 34);
static_assert(offsetof(sgx_ql_config_t, cert_cpu_svn) == 4);
static_assert(offsetof(sgx_ql_config_t, cert_pce_isv_svn) == 20);
static_assert(offsetof(sgx_ql_config_t, cert_data_size) == 22);
static_assert(offsetof(sgx_ql_config_t, p_cert_data) == 26);

static_assert(sizeof(sgx_ql_qve_collateral_t) == 120);
