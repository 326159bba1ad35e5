/*
 * A relying party in plain C11: opens libsgx_dcap_quoteverify the way programs do that were not
 * linked with it, asks how much room the supplemental data need, verifies, and prints the answers.
 *
 *     relying_party TIME QUOTE [PCK_CRL_CHAIN ROOT_CRL PCK_CRL TCB_CHAIN TCB QE_CHAIN QE]
 *
 * Without the seven files the provider library is asked, and its answer printed once more from
 * tee_qv_get_collateral.
 *
 * RP_ROUNDS in the environment: how often all of it happens, with the library opened and closed
 * each time; it must be gone afterwards and have left nothing behind. RP_THREADS: that many threads
 * verify at the same time, RP_REPEAT times each, the first of them in a library that nobody has
 * used before, and must all get the same answer.
 */
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quoted/sgx_dcap_quoteverify.h"

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

struct api {
  quote3_error_t (*size)(const uint8_t *, uint32_t, uint32_t *, uint32_t *);
  quote3_error_t (*verify)(const uint8_t *, uint32_t, const uint8_t *, time_t, uint32_t *,
                           sgx_ql_qv_result_t *, sgx_ql_qe_report_info_t *,
                           tee_supp_data_descriptor_t *);
  quote3_error_t (*verify_sgx)(const uint8_t *, uint32_t, const sgx_ql_qve_collateral_t *, time_t,
                               uint32_t *, sgx_ql_qv_result_t *, sgx_ql_qe_report_info_t *,
                               uint32_t, uint8_t *);
  quote3_error_t (*get_collateral)(const uint8_t *, uint32_t, uint8_t **, uint32_t *);
  quote3_error_t (*free_collateral)(uint8_t *);
};

struct question {
  time_t at;
  uint8_t *quote;
  uint32_t quote_size;
  sgx_ql_qve_collateral_t collateral;
  int has_collateral;
};

struct answer {
  quote3_error_t code;
  sgx_ql_qv_result_t result;
  uint32_t expired;
  quote3_error_t code_sgx;
  sgx_ql_qv_result_t result_sgx;
  uint32_t expired_sgx;
  sgx_ql_qv_supplemental_t data;
};

static const char kName[] = "libsgx_dcap_quoteverify.so.1";

static int number_from(const char *name) {
  const char *value = getenv(name);
  const int number = value == NULL ? 1 : atoi(value);
  CHECK(number >= 1);
  return number;
}

/* With one byte more than the file has, which is a NUL. */
static char *read_file(const char *path, uint32_t *size) {
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  CHECK(fseek(file, 0, SEEK_END) == 0);
  const long length = ftell(file);
  CHECK(length >= 0);
  rewind(file);
  char *content = calloc((size_t)length + 1, 1);
  CHECK(content != NULL);
  CHECK(fread(content, 1, (size_t)length, file) == (size_t)length);
  fclose(file);
  *size = (uint32_t)length;
  return content;
}

static char *read_text(const char *path, uint32_t *size) {
  char *text = read_file(path, size);
  *size += 1;
  return text;
}

static void read_question(int argc, char **argv, struct question *out) {
  memset(out, 0, sizeof(*out));
  CHECK(argc == 3 || argc == 10);
  out->at = (time_t)atoll(argv[1]);
  out->quote = (uint8_t *)read_file(argv[2], &out->quote_size);
  out->has_collateral = argc == 10;
  if (!out->has_collateral) return;
  sgx_ql_qve_collateral_t *c = &out->collateral;
  c->version = 0x00010003;
  c->pck_crl_issuer_chain = read_text(argv[3], &c->pck_crl_issuer_chain_size);
  c->root_ca_crl = read_file(argv[4], &c->root_ca_crl_size);
  c->pck_crl = read_file(argv[5], &c->pck_crl_size);
  c->tcb_info_issuer_chain = read_text(argv[6], &c->tcb_info_issuer_chain_size);
  c->tcb_info = read_text(argv[7], &c->tcb_info_size);
  c->qe_identity_issuer_chain = read_text(argv[8], &c->qe_identity_issuer_chain_size);
  c->qe_identity = read_text(argv[9], &c->qe_identity_size);
}

static void free_question(struct question *q) {
  free(q->quote);
  free(q->collateral.pck_crl_issuer_chain);
  free(q->collateral.root_ca_crl);
  free(q->collateral.pck_crl);
  free(q->collateral.tcb_info_issuer_chain);
  free(q->collateral.tcb_info);
  free(q->collateral.qe_identity_issuer_chain);
  free(q->collateral.qe_identity);
}

static void ask(const struct api *api, const struct question *q, struct answer *out) {
  memset(out, 0, sizeof(*out));
  const sgx_ql_qve_collateral_t *collateral = q->has_collateral ? &q->collateral : NULL;
  uint32_t version = 0;
  uint32_t size = sizeof(sgx_ql_qv_supplemental_t);
  const quote3_error_t sized = api->size(q->quote, q->quote_size, &version, &size);
  CHECK(size == sizeof(sgx_ql_qv_supplemental_t));
  CHECK(sized != SGX_QL_SUCCESS || version == 0x00030003);
  uint8_t *data = malloc(size);
  CHECK(data != NULL);
  memset(data, 0x55, size);
  tee_supp_data_descriptor_t descriptor = {.major_version = 0, .data_size = size, .p_data = data};
  out->code = api->verify(q->quote, q->quote_size, (const uint8_t *)collateral, q->at,
                          &out->expired, &out->result, NULL, &descriptor);
  memcpy(&out->data, data, sizeof(out->data));
  free(data);
  out->code_sgx = api->verify_sgx(q->quote, q->quote_size, collateral, q->at, &out->expired_sgx,
                                  &out->result_sgx, NULL, 0, NULL);
}

static void print(const struct answer *a) {
  printf("tee 0x%04X 0x%04X %u\n", (unsigned)a->code, (unsigned)a->result, a->expired);
  printf("sgx 0x%04X 0x%04X %u\n", (unsigned)a->code_sgx, (unsigned)a->result_sgx, a->expired_sgx);
  if (a->code != SGX_QL_SUCCESS) return;
  printf("data %u %lld %s\n", a->data.tcb_eval_ref_num, (long long)a->data.tcb_level_date_tag,
         a->data.sa_list);
}

/* The library's own collateral serves for another verification. */
static void use_fetched_collateral(const struct api *api, const struct question *q) {
  uint8_t *fetched = NULL;
  uint32_t size = 0;
  const quote3_error_t code = api->get_collateral(q->quote, q->quote_size, &fetched, &size);
  printf("collateral 0x%04X\n", (unsigned)code);
  if (code != SGX_QL_SUCCESS) {
    CHECK(fetched == NULL);
    return;
  }
  CHECK(size > sizeof(sgx_ql_qve_collateral_t));
  uint32_t expired = 1;
  sgx_ql_qv_result_t result = SGX_QL_QV_RESULT_UNSPECIFIED;
  const quote3_error_t verified = api->verify(q->quote, q->quote_size, fetched, q->at, &expired,
                                              &result, NULL, NULL);
  printf("with it 0x%04X 0x%04X %u\n", (unsigned)verified, (unsigned)result, expired);
  CHECK(api->free_collateral(fetched) == SGX_QL_SUCCESS);
}

struct worker {
  pthread_t thread;
  const struct api *api;
  const struct question *question;
  pthread_barrier_t *start;
  int repeat;
  struct answer answer;
  int differed;
};

static void *work(void *argument) {
  struct worker *self = argument;
  pthread_barrier_wait(self->start);
  ask(self->api, self->question, &self->answer);
  for (int i = 1; i < self->repeat; ++i) {
    struct answer again;
    ask(self->api, self->question, &again);
    self->differed |= memcmp(&again, &self->answer, sizeof(again)) != 0;
  }
  return NULL;
}

static void ask_together(const struct api *api, const struct question *q, int threads,
                         struct answer *out) {
  struct worker *workers = calloc((size_t)threads, sizeof(*workers));
  CHECK(workers != NULL);
  pthread_barrier_t start;
  CHECK(pthread_barrier_init(&start, NULL, (unsigned)threads) == 0);
  for (int i = 0; i < threads; ++i) {
    workers[i].api = api;
    workers[i].question = q;
    workers[i].start = &start;
    workers[i].repeat = number_from("RP_REPEAT");
    CHECK(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
  }
  for (int i = 0; i < threads; ++i) {
    CHECK(pthread_join(workers[i].thread, NULL) == 0);
    CHECK(!workers[i].differed);
    CHECK(memcmp(&workers[i].answer, &workers[0].answer, sizeof(*out)) == 0);
  }
  *out = workers[0].answer;
  CHECK(pthread_barrier_destroy(&start) == 0);
  free(workers);
}

static int is_mapped(void) {
  char line[4096];
  int found = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  CHECK(maps != NULL);
  while (fgets(line, sizeof(line), maps) != NULL) found |= strstr(line, kName) != NULL;
  fclose(maps);
  return found;
}

static void *find(void *library, const char *name) {
  void *symbol = dlsym(library, name);
  CHECK(symbol != NULL);
  return symbol;
}

static void open_use_close(const struct question *q, int threads, int last) {
  void *library = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) fprintf(stderr, "%s\n", dlerror());
  CHECK(library != NULL);
  struct api api;
  *(void **)&api.size = find(library, "tee_get_supplemental_data_version_and_size");
  *(void **)&api.verify = find(library, "tee_verify_quote");
  *(void **)&api.verify_sgx = find(library, "sgx_qv_verify_quote");
  *(void **)&api.get_collateral = find(library, "tee_qv_get_collateral");
  *(void **)&api.free_collateral = find(library, "tee_qv_free_collateral");

  struct answer answer;
  ask_together(&api, q, threads, &answer);
  if (last) {
    print(&answer);
    if (!q->has_collateral) use_fetched_collateral(&api, q);
  }
  CHECK(dlclose(library) == 0);
  CHECK(!is_mapped());
}

int main(int argc, char **argv) {
  struct question question;
  read_question(argc, argv, &question);
  const int rounds = number_from("RP_ROUNDS");
  const int threads = number_from("RP_THREADS");
  /* The first time fills what the loader and libcrypto keep. */
  open_use_close(&question, threads, rounds == 1);
  const size_t used_once = mallinfo2().uordblks;
  for (int i = 1; i < rounds; ++i) open_use_close(&question, threads, i == rounds - 1);
  const size_t used_often = mallinfo2().uordblks;
  /* What malloc keeps at hand counts as used, and grows for some rounds. */
  if (used_often > used_once + 128 * 1024) {
    fprintf(stderr, "%d times more, and %zu bytes are lost\n", rounds - 1, used_often - used_once);
    return 1;
  }
  free_question(&question);
  return 0;
}
