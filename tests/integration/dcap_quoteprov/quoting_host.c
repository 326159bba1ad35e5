/*
 * A program that quotes and verifies, in plain C11: it opens the provider library by name for every
 * single call and closes it again, as quoting libraries do, from several threads at once.
 *
 *     quoting_host LIBRARY CPUSVN PCESVN FMSPC THREADS ROUNDS
 *
 * CPUSVN and FMSPC are hexadecimal digits; the QE id is all zeros. Prints the sizes of what it got,
 * which must be the same each time.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quoted/dcap_quoteprov.h"

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

struct platform {
  const char *library;
  uint8_t cpu_svn[16];
  uint16_t pce_svn;
  uint8_t fmspc[6];
  int rounds;
};

struct sizes {
  uint32_t config;
  uint32_t collateral;
  uint16_t root_ca_crl;
};

static void from_hex(const char *digits, uint8_t *out, size_t size) {
  CHECK(strlen(digits) == 2 * size);
  for (size_t i = 0; i < size; ++i) {
    unsigned value = 0;
    CHECK(sscanf(digits + 2 * i, "%2x", &value) == 1);
    out[i] = (uint8_t)value;
  }
}

/* POSIX lets a void pointer be a function, C does not. */
static void find(void *library, const char *name, void *function) {
  void *symbol = dlsym(library, name);
  CHECK(symbol != NULL);
  memcpy(function, &symbol, sizeof(symbol));
}

static void *open_library(const char *name) {
  void *library = dlopen(name, RTLD_LAZY);
  if (library == NULL) fprintf(stderr, "%s\n", dlerror());
  CHECK(library != NULL);
  return library;
}

static uint32_t get_config(const struct platform *platform) {
  quote3_error_t (*get)(const sgx_ql_pck_cert_id_t *, sgx_ql_config_t **);
  quote3_error_t (*release)(sgx_ql_config_t *);
  void *library = open_library(platform->library);
  find(library, "sgx_ql_get_quote_config", &get);
  find(library, "sgx_ql_free_quote_config", &release);

  uint8_t qe_id[16] = {0};
  uint8_t ppid[384] = {0};
  uint8_t cpu_svn[16];
  uint16_t pce_svn = platform->pce_svn;
  memcpy(cpu_svn, platform->cpu_svn, sizeof(cpu_svn));
  sgx_ql_pck_cert_id_t id;
  memset(&id, 0, sizeof(id));
  id.p_qe3_id = qe_id;
  id.qe3_id_size = sizeof(qe_id);
  id.p_platform_cpu_svn = cpu_svn;
  id.p_platform_pce_isv_svn = &pce_svn;
  id.p_encrypted_ppid = ppid;
  id.encrypted_ppid_size = sizeof(ppid);
  id.crypto_suite = 1;
  sgx_ql_config_t *config = NULL;
  CHECK(get(&id, &config) == SGX_QL_SUCCESS);
  CHECK(config != NULL && config->version == 1);
  CHECK(memcmp(config->cert_cpu_svn, cpu_svn, sizeof(cpu_svn)) == 0);
  CHECK(config->cert_pce_isv_svn == pce_svn);
  CHECK(strlen((const char *)config->p_cert_data) + 1 == config->cert_data_size);
  const uint32_t size = config->cert_data_size;
  CHECK(release(config) == SGX_QL_SUCCESS);
  CHECK(dlclose(library) == 0);
  return size;
}

static uint32_t get_collateral(const struct platform *platform) {
  quote3_error_t (*get)(const uint8_t *, uint16_t, const char *, sgx_ql_qve_collateral_t **);
  quote3_error_t (*release)(sgx_ql_qve_collateral_t *);
  void *library = open_library(platform->library);
  find(library, "sgx_ql_get_quote_verification_collateral", &get);
  find(library, "sgx_ql_free_quote_verification_collateral", &release);

  sgx_ql_qve_collateral_t *c = NULL;
  CHECK(get(platform->fmspc, sizeof(platform->fmspc), "platform", &c) == SGX_QL_SUCCESS);
  CHECK(c != NULL && c->version == 3 && c->tee_type == 0);
  CHECK(strlen(c->pck_crl_issuer_chain) + 1 == c->pck_crl_issuer_chain_size);
  CHECK(strlen(c->root_ca_crl) + 1 == c->root_ca_crl_size);
  CHECK(strlen(c->pck_crl) + 1 == c->pck_crl_size);
  CHECK(strlen(c->tcb_info_issuer_chain) + 1 == c->tcb_info_issuer_chain_size);
  CHECK(strlen(c->tcb_info) + 1 == c->tcb_info_size);
  CHECK(strlen(c->qe_identity_issuer_chain) + 1 == c->qe_identity_issuer_chain_size);
  CHECK(strlen(c->qe_identity) + 1 == c->qe_identity_size);
  const uint32_t size = c->pck_crl_issuer_chain_size + c->root_ca_crl_size + c->pck_crl_size +
                        c->tcb_info_issuer_chain_size + c->tcb_info_size +
                        c->qe_identity_issuer_chain_size + c->qe_identity_size;
  CHECK(release(c) == SGX_QL_SUCCESS);
  CHECK(dlclose(library) == 0);
  return size;
}

static uint16_t get_root_ca_crl(const struct platform *platform) {
  quote3_error_t (*get)(uint8_t **, uint16_t *);
  quote3_error_t (*release)(uint8_t *);
  void *library = open_library(platform->library);
  find(library, "sgx_ql_get_root_ca_crl", &get);
  find(library, "sgx_ql_free_root_ca_crl", &release);

  uint8_t *crl = NULL;
  uint16_t size = 0;
  CHECK(get(&crl, &size) == SGX_QL_SUCCESS);
  CHECK(strlen((const char *)crl) + 1 == size);
  CHECK(release(crl) == SGX_QL_SUCCESS);
  CHECK(dlclose(library) == 0);
  return size;
}

static void *work(void *argument) {
  const struct platform *platform = argument;
  struct sizes *first = calloc(1, sizeof(*first));
  CHECK(first != NULL);
  for (int i = 0; i < platform->rounds; ++i) {
    const struct sizes now = {get_config(platform), get_collateral(platform),
                              get_root_ca_crl(platform)};
    if (i == 0) *first = now;
    CHECK(now.config == first->config && now.collateral == first->collateral);
    CHECK(now.root_ca_crl == first->root_ca_crl);
  }
  return first;
}

int main(int argc, char **argv) {
  enum { kMaxThreads = 64 };
  CHECK(argc == 7);
  struct platform platform = {argv[1], {0}, (uint16_t)atoi(argv[3]), {0}, atoi(argv[6])};
  from_hex(argv[2], platform.cpu_svn, sizeof(platform.cpu_svn));
  from_hex(argv[4], platform.fmspc, sizeof(platform.fmspc));
  const int count = atoi(argv[5]);
  CHECK(count > 0 && count <= kMaxThreads && platform.rounds > 0);

  pthread_t threads[kMaxThreads];
  for (int i = 0; i < count; ++i) {
    CHECK(pthread_create(&threads[i], NULL, work, &platform) == 0);
  }
  for (int i = 0; i < count; ++i) {
    void *sizes = NULL;
    CHECK(pthread_join(threads[i], &sizes) == 0);
    const struct sizes *of = sizes;
    if (i == 0) {
      printf("config %u collateral %u crl %u\n", of->config, of->collateral,
             (unsigned)of->root_ca_crl);
    }
    free(sizes);
  }
  return 0;
}
