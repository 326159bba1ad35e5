/* Our header after headers of the SGX SDK, whose types are then used: has to compile, no more. */
#include <stdint.h>

#define _SGX_ERROR_H_
typedef enum _status_t { SGX_SUCCESS = 0 } sgx_status_t;
#define _SGX_REPORT_H_
typedef struct _target_info_t {
  _Alignas(8) uint8_t bytes[512];
} sgx_target_info_t;
typedef struct _report_t {
  _Alignas(8) uint8_t bytes[432];
} sgx_report_t;
#define _SGX_QUOTE_H_
typedef struct _sgx_att_key_id_t {
  uint8_t att_key_id[256];
} sgx_att_key_id_t, sgx_att_key_id_ext_t;
typedef struct _sgx_qe_report_info_t {
  uint8_t bytes[960];
} sgx_qe_report_info_t;

#include "quoted/sgx_quote_ex.h"
#include "quoted/sgx_quote_ex.h"

sgx_status_t use_all(sgx_att_key_id_t *key, sgx_target_info_t *target, sgx_report_t *report);
sgx_status_t use_all(sgx_att_key_id_t *key, sgx_target_info_t *target, sgx_report_t *report) {
  size_t size = 0;
  uint8_t quote[2048];
  sgx_qe_report_info_t info = {{0}};
  sgx_init_quote_ex(key, target, &size, NULL);
  return sgx_get_quote_ex(report, key, &info, quote, sizeof(quote));
}
