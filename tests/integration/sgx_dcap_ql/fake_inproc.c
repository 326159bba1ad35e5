/*
 * Libraries of the name of libquoted_inproc that are not the one that is expected, by KIND, and one
 * that is: it prints what it is asked, and answers what FAKE_CODE holds.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WITHOUT_SYMBOL 1
#define OTHER_ABI 2
#define OTHER_SIZE 3
#define OTHER_RELEASE 4
#define WITHOUT_RELEASE 5
#define EXPECTED 6

#if KIND != WITHOUT_SYMBOL
/* Deliberately not our header: the layout is what two builds agree on. */
struct table {
  uint32_t abi;
  uint32_t size;
  const char *release;
  uint32_t (*set_load_policy)(uint32_t);
  uint32_t (*get_target_info)(uint8_t *);
  uint32_t (*get_quote_size)(uint32_t *);
  uint32_t (*get_quote)(const uint8_t *, uint32_t, uint8_t *);
  uint32_t (*set_path)(uint32_t, const char *);
  void (*set_log)(void (*)(int, const char *));
};

static void (*tell)(int, const char *);

static uint32_t answer(void) {
  const char *value = getenv("FAKE_CODE");
  const uint32_t code = value == NULL ? 0 : (uint32_t)strtoul(value, NULL, 0);
  if (code != 0 && tell != NULL) {
    tell(0, "it returns what it was told to");
    tell(9, "says something at a level that there is not");
  }
  return code;
}

static uint32_t set_load_policy(uint32_t policy) {
  printf("asked policy %u\n", (unsigned)policy);
  return answer();
}
static uint32_t get_target_info(uint8_t *target) {
  for (int i = 0; i < 512; ++i) {
    if (target[i] != 0) abort();
  }
  printf("asked target\n");
  const uint32_t code = answer();
  if (code == 0) memset(target, 0x33, 512);
  return code;
}
static uint32_t get_quote_size(uint32_t *size) {
  printf("asked size\n");
  *size = 1456;
  return answer();
}
static uint32_t get_quote(const uint8_t *report, uint32_t size, uint8_t *quote) {
  printf("asked quote %u\n", (unsigned)size);
  if (size >= 432) memcpy(quote + 48, report, 384);
  return answer();
}
static uint32_t set_path(uint32_t type, const char *path) {
  printf("asked path %u %s\n", (unsigned)type, path == NULL ? "NULL" : path);
  return answer();
}
static void set_log(void (*log)(int, const char *)) {
  printf("asked log %s\n", log == NULL ? "NULL" : "function");
  fflush(stdout);
  tell = log;
}

static const struct table table = {
    .abi = KIND == OTHER_ABI ? 7 : 1,
    .size = KIND == OTHER_SIZE ? 8 : sizeof(struct table),
    .release = KIND == OTHER_RELEASE     ? "9.8.7"
               : KIND == WITHOUT_RELEASE ? NULL
                                         : QUOTED_VERSION,
    .set_load_policy = set_load_policy,
    .get_target_info = get_target_info,
    .get_quote_size = get_quote_size,
    .get_quote = get_quote,
    .set_path = set_path,
    .set_log = set_log,
};

extern const void *quoted_inproc_open(uint32_t abi);
const void *quoted_inproc_open(uint32_t abi) {
  return KIND == OTHER_ABI && getenv("FAKE_REFUSES") != NULL ? NULL : abi == 1 ? &table : NULL;
}
#else
extern int nothing_of_interest;
int nothing_of_interest;
#endif
