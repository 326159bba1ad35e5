/*
 * An application in plain C11 that quotes with libsgx_dcap_ql, for either mode: it does what its
 * arguments say, one after the other, and prints a line for each.
 *
 *     load                    opens the library; load_global: for everybody
 *     unload                  closes it
 *     mapped:NAME             whether a file of that name is mapped into this process
 *     trace:LEVEL             sets the callback, which prints "say LEVEL MESSAGE"; untrace removes it
 *     variables               what the exported trace variables hold
 *     policy:N  cleanup  path:TYPE:PATH     (a PATH of NULL is the pointer)
 *     target[:FILE]           asks for the target info, and writes it to the file
 *     size
 *     quote:REPORT:OUT[:SIZE] with the report of that file; SIZE is the last that was told
 *     null                    every call that takes a pointer, with NULL
 *     zero_size               a quote into a buffer of size 0
 *     setenv:NAME=VALUE  unsetenv:NAME  link:FILE:NAME  unlink:NAME
 *     torture:THREADS:ROUNDS:REPORT:OUT     all threads quote at once, while the process forks; the
 *                             last quote of thread N goes to the file OUT.N
 *     fork                    the rest in a child
 *
 * It ends with 1 where something is wrong that is not the library's answer.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "quoted/sgx_dcap_ql.h"

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

static const char kName[] = "libsgx_dcap_ql.so.1";

static struct {
  void *library;
  quote3_error_t (*set_policy)(sgx_ql_request_policy_t);
  quote3_error_t (*target)(sgx_target_info_t *);
  quote3_error_t (*size)(uint32_t *);
  quote3_error_t (*quote)(const sgx_report_t *, uint32_t, uint8_t *);
  quote3_error_t (*cleanup)(void);
  quote3_error_t (*set_path)(sgx_ql_path_type_t, const char *);
  quote3_error_t (*set_trace)(sgx_ql_logging_callback_t, sgx_ql_log_level_t);
} api;
static uint32_t known_size;

/* ISO C has no conversion from an object pointer to a function pointer; POSIX has this one. */
static void find(const char *name, void *function) {
  void *symbol = dlsym(api.library, name);
  CHECK(symbol != NULL);
  memcpy(function, &symbol, sizeof(symbol));
}

static void load(int flags) {
  CHECK(api.library == NULL);
  api.library = dlopen(kName, flags);
  if (api.library == NULL) fprintf(stderr, "%s\n", dlerror());
  CHECK(api.library != NULL);
  find("sgx_qe_set_enclave_load_policy", &api.set_policy);
  find("sgx_qe_get_target_info", &api.target);
  find("sgx_qe_get_quote_size", &api.size);
  find("sgx_qe_get_quote", &api.quote);
  find("sgx_qe_cleanup_by_policy", &api.cleanup);
  find("sgx_ql_set_path", &api.set_path);
  find("sgx_ql_set_trace_callback", &api.set_trace);
}

static void unload(void) {
  CHECK(dlclose(api.library) == 0);
  memset(&api, 0, sizeof(api));
}

static int is_mapped(const char *name) {
  char line[4096];
  int found = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  CHECK(maps != NULL);
  while (fgets(line, sizeof(line), maps) != NULL) found |= strstr(line, name) != NULL;
  fclose(maps);
  return found;
}

static void listen_to(sgx_ql_log_level_t level, const char *message) {
  printf("say %u %s\n", (unsigned)level, message);
}

static void read_report(const char *path, sgx_report_t *report) {
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  CHECK(fread(report, sizeof(*report), 1, file) == 1);
  fclose(file);
}

static void write_file(const char *path, const void *data, size_t size) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL);
  CHECK(fwrite(data, size, 1, file) == 1);
  CHECK(fclose(file) == 0);
}

static void answered(const char *what, quote3_error_t error) {
  printf("%s 0x%04x", what, (unsigned)error);
}

static void end_line(void) {
  putchar('\n');
  fflush(stdout);
}

/* Prints what is left of the bytes of the target info: "zero", "untouched" or "set". */
static void target(const char *file) {
  sgx_target_info_t info;
  memset(&info, 0xA5, sizeof(info));
  static const sgx_target_info_t zero;
  const quote3_error_t error = api.target(&info);
  sgx_target_info_t before;
  memset(&before, 0xA5, sizeof(before));
  const char *state = memcmp(&info, &zero, sizeof(info)) == 0     ? "zero"
                      : memcmp(&info, &before, sizeof(info)) == 0 ? "untouched"
                                                                  : "set";
  answered("target", error);
  printf(" %s", state);
  if (error == SGX_QL_SUCCESS && file[0] != 0) write_file(file, &info, sizeof(info));
}

static void size(void) {
  uint32_t told = 77;
  answered("size", api.size(&told));
  printf(" %u", (unsigned)told);
  known_size = told;
}

static void quote(const char *report_path, const char *out, const char *wanted) {
  sgx_report_t report;
  read_report(report_path, &report);
  const uint32_t room = wanted == NULL ? known_size : (uint32_t)strtoul(wanted, NULL, 0);
  uint8_t *buffer = calloc(room == 0 ? 1 : room, 1);
  CHECK(buffer != NULL);
  const quote3_error_t error = api.quote(&report, room, buffer);
  answered("quote", error);
  if (error == SGX_QL_SUCCESS) write_file(out, buffer, room);
  free(buffer);
}

static void null(void) {
  static const sgx_report_t report;
  uint8_t buffer[16];
  answered("null target", api.target(NULL));
  answered(" size", api.size(NULL));
  answered(" report", api.quote(NULL, sizeof(buffer), buffer));
  answered(" buffer", api.quote(&report, sizeof(buffer), NULL));
  answered(" both", api.quote(NULL, 0, NULL));
}

static void zero_size(void) {
  static const sgx_report_t report;
  uint8_t buffer[1] = {0x5A};
  answered("zero_size", api.quote(&report, 0, buffer));
  CHECK(buffer[0] == 0x5A);
}

static void variables(void) {
  const int32_t *level = dlsym(api.library, "sgx_trace_loglevel");
  void **callback = dlsym(api.library, "sgx_trace_logger_callback");
  CHECK(level != NULL && callback != NULL);
  printf("variables %d %s", (int)*level, *callback == NULL ? "null" : "set");
}

/* All that an application does for a quote; the first error, or success for the quote of `report`. */
static quote3_error_t quote_once(const sgx_report_t *report, uint8_t **quote, uint32_t *quote_size) {
  sgx_target_info_t info;
  quote3_error_t error = api.target(&info);
  if (error == SGX_QL_SUCCESS) error = api.size(quote_size);
  if (error != SGX_QL_SUCCESS) return error;
  *quote = realloc(*quote, *quote_size);
  CHECK(*quote != NULL);
  error = api.quote(report, *quote_size, *quote);
  if (error == SGX_QL_SUCCESS) CHECK(memcmp(*quote + 48, report, 384) == 0);
  return error;
}

static struct {
  pthread_barrier_t start;
  int rounds;
  sgx_report_t report;
  const char *out;
  atomic_int failures;
  atomic_int first_error;
  atomic_int done;
} torture_state;

static void *torture_thread(void *argument) {
  const int index = (int)(intptr_t)argument;
  uint8_t *buffer = NULL;
  uint32_t quote_size = 0;
  pthread_barrier_wait(&torture_state.start);
  for (int i = 0; i < torture_state.rounds; ++i) {
    const quote3_error_t error = quote_once(&torture_state.report, &buffer, &quote_size);
    if (error == SGX_QL_SUCCESS) continue;
    int none = 0;
    atomic_compare_exchange_strong(&torture_state.first_error, &none, (int)error);
    ++torture_state.failures;
  }
  char path[4096];
  snprintf(path, sizeof(path), "%s.%d", torture_state.out, index);
  if (buffer != NULL) write_file(path, buffer, quote_size);
  free(buffer);
  ++torture_state.done;
  return NULL;
}

/* What a child of this moment gets, by its lowest byte: 0 is a quote. */
static int quote_in_child(void) {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    uint8_t *buffer = NULL;
    uint32_t quote_size = 0;
    alarm(120);
    const quote3_error_t error = quote_once(&torture_state.report, &buffer, &quote_size);
    free(buffer);
    _exit((int)((unsigned)error & 0xFF));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) CHECK(errno == EINTR);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 0xFF;
}

static void torture(const char *threads, const char *rounds, const char *report, const char *out) {
  enum { kMost = 256 };
  const int count = atoi(threads);
  CHECK(count >= 1 && count <= kMost);
  pthread_t thread[kMost];
  torture_state.rounds = atoi(rounds);
  torture_state.out = out;
  read_report(report, &torture_state.report);
  CHECK(pthread_barrier_init(&torture_state.start, NULL, (unsigned)count + 1) == 0);
  for (int i = 0; i < count; ++i) {
    CHECK(pthread_create(&thread[i], NULL, torture_thread, (void *)(intptr_t)i) == 0);
  }
  pthread_barrier_wait(&torture_state.start);
  int children = 0;
  int worst = 0;
  do {
    const int error = quote_in_child();
    ++children;
    if (error != 0) worst = error;
  } while (torture_state.done < count && children < 1000);
  for (int i = 0; i < count; ++i) CHECK(pthread_join(thread[i], NULL) == 0);
  pthread_barrier_destroy(&torture_state.start);
  printf("torture %d failures 0x%04x children 0x%02x", (int)torture_state.failures,
         (unsigned)torture_state.first_error, (unsigned)worst);
}

/* The parts of "name:one:two:three"; the last takes the rest. */
struct command {
  char text[8192];
  const char *part[5];
};

static void split(const char *argument, struct command *command) {
  CHECK(strlen(argument) < sizeof(command->text));
  strcpy(command->text, argument);
  memset(command->part, 0, sizeof(command->part));
  char *rest = command->text;
  for (int i = 0; i < 5 && rest != NULL; ++i) {
    command->part[i] = rest;
    rest = i == 4 ? NULL : strchr(rest, ':');
    if (rest != NULL) *rest++ = 0;
  }
}

static int is(const struct command *command, const char *name) {
  return strcmp(command->part[0], name) == 0;
}

static const char *or_empty(const char *part) { return part == NULL ? "" : part; }

/* For a pointer that has to be there. */
static const char *some(const char *part) {
  CHECK(part != NULL);
  return part;
}

static void put_variable(char *assignment) {
  char *value = strchr(assignment, '=');
  CHECK(value != NULL);
  *value++ = 0;
  CHECK(setenv(assignment, value, 1) == 0);
}

static void environment_or_file(struct command *command) {
  if (is(command, "setenv")) {
    put_variable(command->text + strlen("setenv:"));
  } else if (is(command, "unsetenv")) {
    CHECK(unsetenv(some(command->part[1])) == 0);
  } else if (is(command, "link")) {
    CHECK(symlink(some(command->part[1]), some(command->part[2])) == 0);
  } else if (is(command, "unlink")) {
    CHECK(unlink(some(command->part[1])) == 0);
  } else {
    fprintf(stderr, "there is no command %s\n", command->part[0]);
    exit(2);
  }
  printf("%s", command->part[0]);
}

static void execute(struct command *command) {
  const char *const one = command->part[1];
  const char *const two = command->part[2];
  if (is(command, "load")) {
    load(RTLD_LAZY | RTLD_LOCAL);
    printf("load");
  } else if (is(command, "load_global")) {
    load(RTLD_NOW | RTLD_GLOBAL);
    printf("load_global");
  } else if (is(command, "unload")) {
    unload();
    printf("unload");
  } else if (is(command, "mapped")) {
    printf("mapped %s %s", some(one), is_mapped(one) ? "yes" : "no");
  } else if (is(command, "trace")) {
    answered("trace", api.set_trace(listen_to, (sgx_ql_log_level_t)strtoul(some(one), NULL, 0)));
  } else if (is(command, "untrace")) {
    answered("untrace", api.set_trace(NULL, SGX_QL_LOG_TRACE));
  } else if (is(command, "variables")) {
    variables();
  } else if (is(command, "policy")) {
    answered("policy", api.set_policy((sgx_ql_request_policy_t)strtoul(some(one), NULL, 0)));
  } else if (is(command, "cleanup")) {
    answered("cleanup", api.cleanup());
  } else if (is(command, "path")) {
    answered("path", api.set_path((sgx_ql_path_type_t)strtoul(some(one), NULL, 0),
                                  strcmp(some(two), "NULL") == 0 ? NULL : two));
  } else if (is(command, "target")) {
    target(or_empty(one));
  } else if (is(command, "size")) {
    size();
  } else if (is(command, "quote")) {
    quote(some(one), some(two), command->part[3]);
  } else if (is(command, "null")) {
    null();
  } else if (is(command, "zero_size")) {
    zero_size();
  } else if (is(command, "torture")) {
    torture(some(one), some(two), some(command->part[3]), some(command->part[4]));
  } else {
    environment_or_file(command);
  }
  end_line();
}

int main(int argc, char **argv) {
  static struct command command;
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "fork") != 0) {
      split(argv[i], &command);
      execute(&command);
      continue;
    }
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child != 0) {
      int status = 0;
      CHECK(waitpid(child, &status, 0) == child);
      return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    }
  }
  return 0;
}
