/*
 * A provider library for tests. What it does is in the environment:
 *   FAKE_PROVIDER_DIRECTORY  where the collateral's files are
 *   FAKE_PROVIDER_MODE       "" works; "fail" returns 0xE019; "odd" returns 5; "nothing" succeeds
 *                            and gives none; "size" gives a text with a size one too small;
 *                            "crl" gives CRLs whose sizes do not count the NUL behind them
 *   FAKE_PROVIDER_LOG        a file that gets a line for each call
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quoted/sgx_dcap_quoteverify.h"

/* The provider's functions, as verifiers expect them. */
quote3_error_t sgx_ql_get_quote_verification_collateral(const uint8_t *, uint16_t, const char *,
                                                        sgx_ql_qve_collateral_t **);
quote3_error_t tdx_ql_get_quote_verification_collateral(const uint8_t *, uint16_t, const char *,
                                                        sgx_ql_qve_collateral_t **);
#ifndef WITHOUT_FREE
quote3_error_t sgx_ql_free_quote_verification_collateral(sgx_ql_qve_collateral_t *);
quote3_error_t tdx_ql_free_quote_verification_collateral(sgx_ql_qve_collateral_t *);
#endif
quote3_error_t sgx_ql_get_qve_identity(char **, uint32_t *, char **, uint32_t *);
quote3_error_t sgx_ql_free_qve_identity(char *, char *);
quote3_error_t sgx_ql_get_root_ca_crl(uint8_t **, uint16_t *);
quote3_error_t sgx_ql_free_root_ca_crl(uint8_t *);

static int mode_is(const char *name) {
  const char *mode = getenv("FAKE_PROVIDER_MODE");
  return mode != NULL && strcmp(mode, name) == 0;
}

static void note(const char *line) {
  const char *path = getenv("FAKE_PROVIDER_LOG");
  if (path == NULL) return;
  FILE *log = fopen(path, "a");
  if (log == NULL) abort();
  fprintf(log, "%s\n", line);
  fclose(log);
}

static char *read_file(const char *name, uint32_t *size) {
  char path[4096];
  snprintf(path, sizeof(path), "%s/%s", getenv("FAKE_PROVIDER_DIRECTORY"), name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) abort();
  fseek(file, 0, SEEK_END);
  const long length = ftell(file);
  rewind(file);
  char *content = calloc((size_t)length + 1, 1);
  if (content == NULL || fread(content, 1, (size_t)length, file) != (size_t)length) abort();
  fclose(file);
  *size = (uint32_t)length + 1;
  return content;
}

static quote3_error_t get(const char *tee, const uint8_t *fmspc, uint16_t fmspc_size,
                          const char *ca, sgx_ql_qve_collateral_t **out) {
  char line[256];
  snprintf(line, sizeof(line), "%s %u %02x%02x%02x%02x%02x%02x %s", tee, fmspc_size, fmspc[0],
           fmspc[1], fmspc[2], fmspc[3], fmspc[4], fmspc[5], ca);
  note(line);
  if (mode_is("fail")) return SGX_QL_NETWORK_ERROR;
  if (mode_is("odd")) return (quote3_error_t)5;
  if (mode_is("nothing")) return SGX_QL_SUCCESS;
  sgx_ql_qve_collateral_t *c = calloc(1, sizeof(*c));
  if (c == NULL) abort();
  c->version = 0x00010003;
  c->pck_crl_issuer_chain =
      read_file("pck_crl_issuer_chain.pem", &c->pck_crl_issuer_chain_size);
  c->root_ca_crl = read_file("root_ca_crl.der", &c->root_ca_crl_size);
  c->pck_crl = read_file("pck_crl.der", &c->pck_crl_size);
  c->tcb_info_issuer_chain =
      read_file("tcb_info_issuer_chain.pem", &c->tcb_info_issuer_chain_size);
  c->tcb_info = read_file("tcb_info.json", &c->tcb_info_size);
  c->qe_identity_issuer_chain =
      read_file("qe_identity_issuer_chain.pem", &c->qe_identity_issuer_chain_size);
  c->qe_identity = read_file("qe_identity.json", &c->qe_identity_size);
  if (mode_is("size")) c->tcb_info_size -= 1;
  if (mode_is("crl")) {
    c->root_ca_crl_size -= 1;
    c->pck_crl_size -= 1;
  }
  *out = c;
  return SGX_QL_SUCCESS;
}

#ifndef WITHOUT_FREE
static quote3_error_t give_back(const char *tee, sgx_ql_qve_collateral_t *c) {
  note(tee);
  free(c->pck_crl_issuer_chain);
  free(c->root_ca_crl);
  free(c->pck_crl);
  free(c->tcb_info_issuer_chain);
  free(c->tcb_info);
  free(c->qe_identity_issuer_chain);
  free(c->qe_identity);
  free(c);
  return SGX_QL_SUCCESS;
}

quote3_error_t sgx_ql_free_quote_verification_collateral(sgx_ql_qve_collateral_t *collateral) {
  return give_back("sgx freed", collateral);
}

quote3_error_t tdx_ql_free_quote_verification_collateral(sgx_ql_qve_collateral_t *collateral) {
  return give_back("tdx freed", collateral);
}
#endif

quote3_error_t sgx_ql_get_quote_verification_collateral(const uint8_t *fmspc, uint16_t fmspc_size,
                                                        const char *ca,
                                                        sgx_ql_qve_collateral_t **collateral) {
  return get("sgx", fmspc, fmspc_size, ca, collateral);
}

quote3_error_t tdx_ql_get_quote_verification_collateral(const uint8_t *fmspc, uint16_t fmspc_size,
                                                        const char *ca,
                                                        sgx_ql_qve_collateral_t **collateral) {
  return get("tdx", fmspc, fmspc_size, ca, collateral);
}

quote3_error_t sgx_ql_get_qve_identity(char **identity, uint32_t *identity_size, char **chain,
                                       uint32_t *chain_size) {
  *identity = read_file("qe_identity.json", identity_size);
  *chain = read_file("qe_identity_issuer_chain.pem", chain_size);
  return SGX_QL_SUCCESS;
}

quote3_error_t sgx_ql_free_qve_identity(char *identity, char *chain) {
  note("identity freed");
  free(identity);
  free(chain);
  return SGX_QL_SUCCESS;
}

quote3_error_t sgx_ql_get_root_ca_crl(uint8_t **crl, uint16_t *size) {
  if (mode_is("fail")) return SGX_QL_NETWORK_ERROR;
  uint32_t length = 0;
  *crl = (uint8_t *)read_file("root_ca_crl.der", &length);
  *size = (uint16_t)length;
  return SGX_QL_SUCCESS;
}

quote3_error_t sgx_ql_free_root_ca_crl(uint8_t *crl) {
  note("crl freed");
  free(crl);
  return SGX_QL_SUCCESS;
}
