/* All headers of the drop-in libraries in one translation unit, in an order that can be chosen: has
 * to compile, no more. */
#ifdef DCAP_QL_LAST
#include "quoted/sgx_dcap_quoteverify.h"
#include "quoted/sgx_quote_ex.h"
#include "quoted/dcap_quoteprov.h"
#include "quoted/sgx_dcap_ql.h"
#else
#include "quoted/sgx_dcap_ql.h"
#include "quoted/sgx_quote_ex.h"
#include "quoted/sgx_dcap_quoteverify.h"
#include "quoted/dcap_quoteprov.h"
#include "quoted/sgx_dcap_ql.h"
#endif

int use_all(void);
int use_all(void) {
  sgx_target_info_t target;
  sgx_report_t report;
  uint8_t quote[4096];
  uint32_t size = 0;
  uint32_t expired = 0;
  sgx_ql_qv_result_t result = SGX_QL_QV_RESULT_UNSPECIFIED;
  sgx_att_key_id_t key;
  quote3_error_t error = sgx_qe_set_enclave_load_policy(SGX_QL_DEFAULT);
  if (error == SGX_QL_SUCCESS) error = sgx_qe_get_target_info(&target);
  if (error == SGX_QL_SUCCESS) error = sgx_qe_get_quote_size(&size);
  report.key_id.id[0] = target.mr_enclave.m[0];
  if (error == SGX_QL_SUCCESS) error = sgx_qe_get_quote(&report, size, quote);
  if (error == SGX_QL_SUCCESS) error = sgx_qe_cleanup_by_policy();
  if (error == SGX_QL_SUCCESS) error = sgx_ql_set_path(SGX_QL_IDE_PATH, "/dev/null");
  if (error == SGX_QL_SUCCESS) error = sgx_ql_set_trace_callback(NULL, SGX_QL_LOG_ERROR);
  if (error == SGX_QL_ATT_KEY_NOT_INITIALIZED) return 2;
  sgx_ql_set_logging_callback(NULL, SGX_QL_LOG_INFO);
  sgx_qv_verify_quote(quote, size, NULL, 1, &expired, &result, NULL, 0, NULL);
  return sgx_select_att_key_id(NULL, 0, &key) == SGX_SUCCESS ? 0 : 1;
}
