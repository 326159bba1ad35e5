/* Our header after headers of the SGX SDK and of DCAP, whose types are then used: has to compile, no
 * more. */
#include <stdint.h>

#define _SGX_REPORT_H_
typedef struct _target_info_t {
  _Alignas(8) uint8_t bytes[512];
} sgx_target_info_t;
typedef struct _report_t {
  _Alignas(8) uint8_t bytes[432];
} sgx_report_t;
#define _SGX_QL_LIB_COMMON_H_
typedef enum _quote3_error_t { SGX_QL_SUCCESS = 0, SGX_QL_ERROR_MAX = 0xE0FF } quote3_error_t;
typedef enum _sgx_ql_request_policy { SGX_QL_PERSISTENT = 0 } sgx_ql_request_policy_t;
typedef enum _sgx_ql_log_level_t { SGX_QL_LOG_ERROR = 0 } sgx_ql_log_level_t;
typedef void (*sgx_ql_logging_callback_t)(sgx_ql_log_level_t level, const char *message);
#define _SGX_DCAP_QL_WRAPPER_H_
typedef enum { SGX_QL_QE3_PATH } sgx_ql_path_type_t;

#include "quoted/sgx_dcap_ql.h"
#include "quoted/sgx_dcap_ql.h"

quote3_error_t use_all(sgx_target_info_t *target, const sgx_report_t *report, uint8_t *quote);
quote3_error_t use_all(sgx_target_info_t *target, const sgx_report_t *report, uint8_t *quote) {
  uint32_t size = 0;
  sgx_ql_set_trace_callback(0, SGX_QL_LOG_ERROR);
  sgx_ql_set_path(SGX_QL_QE3_PATH, "/dev/null");
  sgx_qe_set_enclave_load_policy(SGX_QL_PERSISTENT);
  if (sgx_qe_get_target_info(target) != SGX_QL_SUCCESS) return SGX_QL_ERROR_MAX;
  sgx_qe_get_quote_size(&size);
  return sgx_qe_get_quote(report, size, quote);
}
