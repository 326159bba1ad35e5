/*
 * Stands in for Intel's libsgx_qe3_logic.so (PART_QE3) and libsgx_pce_logic.so.1 (PART_PCE): notes
 * what it is asked in a buffer that the test reads, and answers the next of the codes that the test
 * put there (0 without one). WITHOUT_INIT leaves one function out.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define QE3 1
#define PCE 2

char fake_calls[4096];
uint32_t fake_codes[8];
int fake_next;
uint64_t fake_key_id_size = 32;
/* While it is 1, a call stays inside, and says so with 2. */
volatile int fake_hold;
/* Whether it tells of its calls by the two variables below. */
int fake_speaks;

/* What Intel's libraries say, they say by these. */
void (*sgx_trace_logger_callback)(int level, const char *message);
int32_t sgx_trace_loglevel;

static uint32_t note(const char *call) {
  if (fake_hold == 1) fake_hold = 2;
  while (fake_hold == 2) usleep(1000);
  if (fake_speaks && sgx_trace_logger_callback != NULL && sgx_trace_loglevel > 1) {
    sgx_trace_logger_callback(1, call);
  }
  const size_t used = strlen(fake_calls);
  snprintf(fake_calls + used, sizeof(fake_calls) - used, "%s;", call);
  return fake_next < 8 ? fake_codes[fake_next++] : 0;
}

static uint32_t note_text(const char *call, const char *text) {
  char line[512];
  snprintf(line, sizeof(line), "%s %s", call, text);
  return note(line);
}

static uint32_t note_number(const char *call, unsigned number) {
  char line[512];
  snprintf(line, sizeof(line), "%s %u", call, number);
  return note(line);
}

#if PART == QE3
#ifndef WITHOUT_INIT
extern uint32_t sgx_ql_init_quote(void *key, uint8_t *target, unsigned char refresh, uint64_t *size,
                                  uint8_t *key_id);
uint32_t sgx_ql_init_quote(void *key, uint8_t *target, unsigned char refresh, uint64_t *size,
                           uint8_t *key_id) {
  char line[128];
  snprintf(line, sizeof(line), "init key=%s refresh=%u size=%u id=%s", key == NULL ? "NULL" : "set",
           refresh, (unsigned)*size, key_id == NULL ? "NULL" : "set");
  const uint32_t code = note(line);
  if (key_id == NULL) {
    *size = fake_key_id_size;
  } else {
    memset(target, 0x77, 512);
    memset(key_id, 0x42, 32);
  }
  return code;
}
#endif

extern uint32_t sgx_ql_get_quote_size(void *key, uint32_t *size);
uint32_t sgx_ql_get_quote_size(void *key, uint32_t *size) {
  *size = 4600;
  return note(key == NULL ? "size key=NULL" : "size key=set");
}

extern uint32_t sgx_ql_get_quote(const uint8_t *report, void *key, void *info, uint8_t *quote,
                                 uint32_t size);
uint32_t sgx_ql_get_quote(const uint8_t *report, void *key, void *info, uint8_t *quote,
                          uint32_t size) {
  char line[128];
  snprintf(line, sizeof(line), "quote report=%02x key=%s info=%s size=%u aligned=%d", report[0],
           key == NULL ? "NULL" : "set", info == NULL ? "NULL" : "set", (unsigned)size,
           (uintptr_t)report % 8 == 0);
  memset(quote, 0x51, size);
  return note(line);
}

extern uint32_t sgx_ql_set_enclave_load_policy(uint32_t policy);
uint32_t sgx_ql_set_enclave_load_policy(uint32_t policy) { return note_number("policy", policy); }
extern uint32_t sgx_set_qe3_path(const char *path);
uint32_t sgx_set_qe3_path(const char *path) { return note_text("qe3", path); }
extern uint32_t sgx_set_ide_path(const char *path);
uint32_t sgx_set_ide_path(const char *path) { return note_text("ide", path); }
extern uint32_t sgx_set_qpl_path(const char *path);
uint32_t sgx_set_qpl_path(const char *path) { return note_text("qpl", path); }
#else
extern uint32_t sgx_set_pce_enclave_load_policy(uint32_t policy);
uint32_t sgx_set_pce_enclave_load_policy(uint32_t policy) { return note_number("policy", policy); }
extern uint32_t sgx_set_pce_path(const char *path);
uint32_t sgx_set_pce_path(const char *path) { return note_text("pce", path); }
#endif
