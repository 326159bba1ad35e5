/*
 * A libsgx_quote_ex of somebody else: answers with the status that FAKE_STATUS holds, and counts
 * nothing. FAKE_KEY_ID_SIZE is the size of the key id that it tells. Built a second time WITHOUT_INIT,
 * as an old release might be.
 */
#include <stdlib.h>
#include <string.h>

#include "quoted/sgx_quote_ex.h"

static unsigned long number(const char *name, unsigned long otherwise) {
  const char *value = getenv(name);
  return value == NULL ? otherwise : strtoul(value, NULL, 0);
}
static sgx_status_t status(void) { return (sgx_status_t)number("FAKE_STATUS", 0); }

#ifndef WITHOUT_INIT
sgx_status_t sgx_init_quote_ex(const sgx_att_key_id_t *key, sgx_target_info_t *target, size_t *size,
                               uint8_t *key_id) {
  (void)key;
  if (key_id == NULL) {
    if (*size != 0) abort();
    *size = number("FAKE_KEY_ID_SIZE", 32);
    memset(target, 0x11, sizeof(*target));
    return status();
  }
  memset(target, 0x22, sizeof(*target));
  return (sgx_status_t)number("FAKE_SECOND_STATUS", 0);
}
#endif

sgx_status_t sgx_get_quote_size_ex(const sgx_att_key_id_t *key, uint32_t *size) {
  (void)key;
  *size = 4600;
  return status();
}

sgx_status_t sgx_get_quote_ex(const sgx_report_t *report, const sgx_att_key_id_t *key,
                              sgx_qe_report_info_t *info, uint8_t *quote, uint32_t size) {
  (void)key;
  if (info != NULL) abort();
  if (size >= 432) memcpy(quote + 48, report, 384);
  return status();
}
