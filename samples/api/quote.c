/*
 * A quote, in C11, with libsgx_quote_ex: what the service of the node makes of a REPORT.
 *
 *     quote REPORT QUOTE
 *
 * REPORT is a file of 432 bytes (an enclave makes it; `quotectl report` does for a simulated one).
 * QUOTED_DEBUG=1 in the environment: reasons in words.
 */
#include <stdio.h>
#include <stdlib.h>

#include "quoted/sgx_quote_ex.h"

static int failed(const char *function, sgx_status_t status) {
  fprintf(stderr, "%s returns 0x%04x; set QUOTED_DEBUG=1 for the reason\n", function,
          (unsigned)status);
  return 1;
}

int main(int argc, char **argv) {
  sgx_report_t report;
  FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
  if (in == NULL || fread(&report, sizeof(report), 1, in) != 1) {
    fprintf(stderr, "usage: quote REPORT QUOTE, with a file of %zu bytes as REPORT\n",
            sizeof(report));
    return 1;
  }
  fclose(in);

  /* The service names its keys; with several, the algorithm tells them apart. */
  sgx_att_key_id_t key;
  sgx_status_t status = sgx_select_att_key_id(NULL, 0, &key);
  if (status != SGX_SUCCESS) return failed("sgx_select_att_key_id", status);

  /* An enclave would make its REPORT for this target. */
  sgx_target_info_t target;
  uint8_t key_id[32];
  size_t key_id_size = sizeof(key_id);
  status = sgx_init_quote_ex(&key, &target, &key_id_size, key_id);
  if (status != SGX_SUCCESS) return failed("sgx_init_quote_ex", status);

  uint32_t size = 0;
  status = sgx_get_quote_size_ex(&key, &size);
  if (status != SGX_SUCCESS) return failed("sgx_get_quote_size_ex", status);
  uint8_t *quote = calloc(1, size);
  if (quote == NULL) return 1;
  status = sgx_get_quote_ex(&report, &key, NULL, quote, size);
  if (status != SGX_SUCCESS) {
    free(quote);
    return failed("sgx_get_quote_ex", status);
  }

  FILE *out = fopen(argv[2], "wb");
  const int written = out != NULL && fwrite(quote, 1, size, out) == size && fclose(out) == 0;
  free(quote);
  if (!written) {
    fprintf(stderr, "%s cannot be written\n", argv[2]);
    return 1;
  }
  printf("quote of %u bytes written to %s\n", (unsigned)size, argv[2]);
  return 0;
}
