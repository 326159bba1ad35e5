/*
 * An application that quotes with libsgx_dcap_ql.so.1, as applications do: whether the Quoting
 * Enclave is in this process or in the service of the node is decided by SGX_AESM_ADDR alone, and
 * nothing in here knows of it.
 *
 *     in-or-out QUOTECTL SOCKET QUOTE_FILE [--wait]
 *
 * The enclave of the application is a simulated one: `quotectl report` makes its REPORT, on the CPU
 * that is published beside the socket. With --wait the application goes on living, as servers do, until its input ends.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TARGET_INFO_SIZE = 512, REPORT_SIZE = 432, MAX_QUOTE = 65536 };

typedef uint32_t (*get_target_info)(uint8_t *target_info);
typedef uint32_t (*get_quote_size)(uint32_t *size);
typedef uint32_t (*get_quote)(const uint8_t *report, uint32_t size, uint8_t *quote);

static int failed(const char *what, uint32_t code) {
  fprintf(stderr, "in-or-out: %s returns 0x%04x", what, code);
  if (code == 0xE012) fprintf(stderr, ": no enclave memory is left for one more QE and PCE");
  if (code == 0xE00D) fprintf(stderr, ": this process may not use the provisioning key");
  if (code == 0xE040) fprintf(stderr, ": nobody answers at the service's socket");
  fprintf(stderr, "; QUOTED_DEBUG=1 says more\n");
  return 1;
}

static int write_file(const char *name, const uint8_t *content, size_t size) {
  FILE *const file = fopen(name, "wb");
  if (file == NULL) return 0;
  const int good = fwrite(content, 1, size, file) == size;
  return fclose(file) == 0 && good;
}

static int read_file(const char *name, uint8_t *content, size_t size) {
  FILE *const file = fopen(name, "rb");
  if (file == NULL) return 0;
  const int good = fread(content, 1, size, file) == size && fgetc(file) == EOF;
  fclose(file);
  return good;
}

/* EREPORT, by a simulated enclave. */
static int make_report(const char *quotectl, const char *socket, const char *prefix,
                       const uint8_t *target_info, uint8_t *report) {
  char target_file[512];
  char report_file[512];
  snprintf(target_file, sizeof(target_file), "%s.target", prefix);
  snprintf(report_file, sizeof(report_file), "%s.report", prefix);
  if (!write_file(target_file, target_info, TARGET_INFO_SIZE)) return 0;
  const pid_t child = fork();
  if (child == 0) {
    execl(quotectl, quotectl, "report", "--socket", socket, "--target-info", target_file, "--out",
          report_file, (char *)NULL);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return 0;
  return read_file(report_file, report, REPORT_SIZE);
}

/* A function behind the loader's untyped pointer, as POSIX has it. */
static int find(void *library, const char *name, void *function) {
  void *const symbol = dlsym(library, name);
  memcpy(function, &symbol, sizeof(symbol));
  return symbol != NULL;
}

int main(int argc, char **argv) {
  const int waits = argc > 1 && strcmp(argv[argc - 1], "--wait") == 0;
  if (argc - waits != 4) {
    fprintf(stderr, "usage: in-or-out QUOTECTL SOCKET QUOTE_FILE [--wait]\n");
    return 2;
  }
  const char *const quotectl = argv[1];
  const char *const socket = argv[2];
  const char *const quote_file = argv[3];

  void *const library = dlopen("libsgx_dcap_ql.so.1", RTLD_NOW);
  if (library == NULL) {
    fprintf(stderr, "in-or-out: %s\n", dlerror());
    return 1;
  }
  get_target_info target_info_of;
  get_quote_size size_of;
  get_quote quote_of;
  if (!find(library, "sgx_qe_get_target_info", &target_info_of) ||
      !find(library, "sgx_qe_get_quote_size", &size_of) ||
      !find(library, "sgx_qe_get_quote", &quote_of)) {
    fprintf(stderr, "in-or-out: %s\n", dlerror());
    return 1;
  }

  static uint8_t target_info[TARGET_INFO_SIZE];
  static uint8_t report[REPORT_SIZE];
  static uint8_t quote[MAX_QUOTE];
  uint32_t size = 0;
  uint32_t code = target_info_of(target_info);
  if (code != 0) return failed("sgx_qe_get_target_info", code);
  if (!make_report(quotectl, socket, quote_file, target_info, report)) {
    fprintf(stderr, "in-or-out: the simulated enclave made no REPORT\n");
    return 1;
  }
  code = size_of(&size);
  if (code != 0) return failed("sgx_qe_get_quote_size", code);
  if (size > MAX_QUOTE) return failed("sgx_qe_get_quote_size", size);
  code = quote_of(report, size, quote);
  if (code != 0) return failed("sgx_qe_get_quote", code);
  if (!write_file(quote_file, quote, size)) {
    fprintf(stderr, "in-or-out: cannot write %s\n", quote_file);
    return 1;
  }
  printf("pid %ld: a quote of %u bytes, %s\n", (long)getpid(), size,
         getenv("SGX_AESM_ADDR") == NULL ? "made in this process" : "made by the service");
  fflush(stdout);
  if (waits) {
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
  }
  return 0;
}
