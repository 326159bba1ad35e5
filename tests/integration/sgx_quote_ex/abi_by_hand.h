/*
 * The interface of libsgx_quote_ex as somebody declares it who has no header at all, only sizes and
 * numbers (aesm-protocol 5.1, 5.2, 6). Deliberately without a look at ours.
 */
#ifndef ABI_BY_HAND_H
#define ABI_BY_HAND_H

#include <stddef.h>
#include <stdint.h>

typedef int32_t sgx_status_t;

typedef struct {
  uint8_t bytes[256];
} sgx_att_key_id_t;
typedef sgx_att_key_id_t sgx_att_key_id_ext_t;
typedef struct {
  _Alignas(8) uint8_t bytes[512];
} sgx_target_info_t;
typedef struct {
  _Alignas(8) uint8_t bytes[432];
} sgx_report_t;
typedef struct {
  uint8_t bytes[960];
} sgx_qe_report_info_t;

extern sgx_status_t sgx_select_att_key_id(const uint8_t*, uint32_t, sgx_att_key_id_t*);
extern sgx_status_t sgx_init_quote_ex(const sgx_att_key_id_t*, sgx_target_info_t*, size_t*,
                                      uint8_t*);
extern sgx_status_t sgx_get_quote_size_ex(const sgx_att_key_id_t*, uint32_t*);
extern sgx_status_t sgx_get_quote_ex(const sgx_report_t*, const sgx_att_key_id_t*,
                                     sgx_qe_report_info_t*, uint8_t*, uint32_t);
extern sgx_status_t sgx_get_supported_att_key_id_num(uint32_t*);
extern sgx_status_t sgx_get_supported_att_key_ids(sgx_att_key_id_ext_t*, uint32_t);

extern int32_t sgx_trace_loglevel;
extern void (*sgx_trace_logger_callback)(int, const char*);

#endif
