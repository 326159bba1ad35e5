/*
 * A client in plain C11: asks for everything that libsgx_quote_ex offers and, given a report, for a
 * quote, the way an application does.
 *
 *     c_client [REPORT QUOTE]     reads a report from one file and writes the quote to the other
 *
 * C_CLIENT_ROUNDS in the environment says how often; 1 when it is not set, 30 where the library is
 * opened.
 *
 * Built four times: with our header or with declarations by hand (BY_HAND), linked with the library
 * or opening it (BY_DLOPEN). The last kind does all of it many times over and makes sure that the
 * library is gone afterwards and has left nothing behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef BY_HAND
#include "abi_by_hand.h"
#else
#include "quoted/sgx_quote_ex.h"
#endif

#define CHECK(condition)                                                  \
  do {                                                                    \
    if (!(condition)) {                                                   \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                            \
    }                                                                     \
  } while (0)

/* The status as a number, whatever its type. */
static void must_succeed(const char *what, long status) {
  if (status != 0) {
    fprintf(stderr, "%s: 0x%04lx\n", what, (unsigned long)status);
    exit(1);
  }
}
#define MUST_SUCCEED(call) must_succeed(#call, (long)(call))

struct api {
  sgx_status_t (*select)(const uint8_t *, uint32_t, sgx_att_key_id_t *);
  sgx_status_t (*init)(const sgx_att_key_id_t *, sgx_target_info_t *, size_t *, uint8_t *);
  sgx_status_t (*size)(const sgx_att_key_id_t *, uint32_t *);
  sgx_status_t (*quote)(const sgx_report_t *, const sgx_att_key_id_t *, sgx_qe_report_info_t *,
                        uint8_t *, uint32_t);
  sgx_status_t (*num)(uint32_t *);
  sgx_status_t (*ids)(sgx_att_key_id_ext_t *, uint32_t);
};

static int rounds(int otherwise) {
  const char *value = getenv("C_CLIENT_ROUNDS");
  const int number = value == NULL ? otherwise : atoi(value);
  CHECK(number >= 1);
  return number;
}

static int is_zero(const void *data, size_t size) {
  const unsigned char *bytes = data;
  while (size > 0 && bytes[size - 1] == 0) --size;
  return size == 0;
}

static void read_report(const char *path, sgx_report_t *report) {
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  CHECK(fread(report, sizeof(*report), 1, file) == 1);
  fclose(file);
}

static void write_quote(const char *path, const uint8_t *quote, size_t size) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL);
  CHECK(fwrite(quote, size, 1, file) == 1);
  CHECK(fclose(file) == 0);
}

/* Declarations by hand have types of their own; what they share with the library is the binary
 * interface. Clang's sanitizer would compare the types. */
#if defined(BY_HAND) && defined(__clang__)
__attribute__((no_sanitize("function")))
#endif
static void
use(const struct api *api, const char *report_path, const char *quote_path) {
  uint32_t num = 0;
  MUST_SUCCEED(api->num(&num));
  CHECK(num >= 1 && num < 100);

  sgx_att_key_id_ext_t *ids = calloc(num, sizeof(*ids));
  CHECK(ids != NULL);
  MUST_SUCCEED(api->ids(ids, num));
  CHECK(!is_zero(ids, sizeof(*ids)));

  sgx_att_key_id_t key;
  memset(&key, 0, sizeof(key));
  MUST_SUCCEED(api->select(NULL, 0, &key));
  CHECK(memcmp(&key, ids, 158) == 0);
  free(ids);

  sgx_target_info_t target;
  size_t key_id_size = 0;
  MUST_SUCCEED(api->init(&key, &target, &key_id_size, NULL));
  CHECK(key_id_size == 32);
  uint8_t key_id[32] = {0};
  MUST_SUCCEED(api->init(&key, &target, &key_id_size, key_id));
  CHECK(!is_zero(key_id, sizeof(key_id)));
  CHECK(!is_zero(&target, 32));

  uint32_t size = 0;
  MUST_SUCCEED(api->size(&key, &size));
  CHECK(size > 1020);
  if (report_path == NULL) return;

  sgx_report_t report;
  read_report(report_path, &report);
  uint8_t *quote = malloc(size);
  CHECK(quote != NULL);
  MUST_SUCCEED(api->quote(&report, &key, NULL, quote, size));
  CHECK(memcmp(quote + 48, &report, 384) == 0);
  write_quote(quote_path, quote, size);
  free(quote);
}

#ifdef BY_DLOPEN
#include <dlfcn.h>
#include <malloc.h>

static const char kName[] = "libsgx_quote_ex.so.1";

static int is_mapped(void) {
  char line[4096];
  int found = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  CHECK(maps != NULL);
  while (fgets(line, sizeof(line), maps) != NULL) found |= strstr(line, "libsgx_quote_ex") != NULL;
  fclose(maps);
  return found;
}

/* ISO C has no conversion from an object pointer to a function pointer; POSIX has this one. */
static void find(void *library, const char *name, void *function) {
  void *symbol = dlsym(library, name);
  CHECK(symbol != NULL);
  memcpy(function, &symbol, sizeof(symbol));
}

static void open_use_close(const char *report_path, const char *quote_path) {
  CHECK(!is_mapped());
  void *library = dlopen(kName, RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) fprintf(stderr, "%s\n", dlerror());
  CHECK(library != NULL);
  CHECK(is_mapped());
  struct api api;
  find(library, "sgx_select_att_key_id", &api.select);
  find(library, "sgx_init_quote_ex", &api.init);
  find(library, "sgx_get_quote_size_ex", &api.size);
  find(library, "sgx_get_quote_ex", &api.quote);
  find(library, "sgx_get_supported_att_key_id_num", &api.num);
  find(library, "sgx_get_supported_att_key_ids", &api.ids);
  CHECK(dlsym(library, "sgx_trace_loglevel") != NULL);
  CHECK(dlsym(library, "sgx_trace_logger_callback") != NULL);
  use(&api, report_path, quote_path);
  CHECK(dlclose(library) == 0);
  CHECK(!is_mapped());
}

int main(int argc, char **argv) {
  const char *report_path = argc == 3 ? argv[1] : NULL;
  const char *quote_path = argc == 3 ? argv[2] : NULL;
  open_use_close(report_path, quote_path);
  const size_t used_once = mallinfo2().uordblks;
  const int more = rounds(30) - 1;
  for (int i = 0; i < more; ++i) open_use_close(report_path, quote_path);
  const size_t used_often = mallinfo2().uordblks;
  if (used_often > used_once + 16 * 1024) {
    fprintf(stderr, "%d times more, and %zu bytes are lost\n", more, used_often - used_once);
    return 1;
  }
  puts("opened, used and closed");
  return 0;
}
#else
int main(int argc, char **argv) {
  const struct api api = {
      .select = sgx_select_att_key_id,
      .init = sgx_init_quote_ex,
      .size = sgx_get_quote_size_ex,
      .quote = sgx_get_quote_ex,
      .num = sgx_get_supported_att_key_id_num,
      .ids = sgx_get_supported_att_key_ids,
  };
  CHECK(sgx_trace_loglevel == 0 && sgx_trace_logger_callback == NULL);
  for (int i = rounds(1); i > 0; --i) {
    use(&api, argc == 3 ? argv[1] : NULL, argc == 3 ? argv[2] : NULL);
  }
  puts("linked and used");
  return 0;
}
#endif
