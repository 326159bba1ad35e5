// What libsgx_dcap_ql.so.1 and libquoted_inproc.so.1 say to each other: one exported function, by
// which the second hands out a table. Not for other programs: both come from the same release, and
// each refuses another.
#pragma once

#include "drop_in/answer.h"

extern "C" {

typedef void (*quoted_inproc_log)(int level, const char* message);

// Functions return quote3_error_t; pointers are never NULL but where it says so. From any thread.
struct quoted_inproc_interface {
  uint32_t abi;         // kInprocAbi
  uint32_t size;        // of this table
  const char* release;  // QUOTED_VERSION
  // 0 persistent, 1 ephemeral (aesm-protocol 7.2).
  quote3_error_t (*set_load_policy)(uint32_t policy);
  quote3_error_t (*get_target_info)(uint8_t* target_info);  // 512 bytes
  quote3_error_t (*get_quote_size)(uint32_t* size);
  quote3_error_t (*get_quote)(const uint8_t* report, uint32_t size, uint8_t* quote);
  // aesm-protocol 7.4; `path` may be NULL.
  quote3_error_t (*set_path)(uint32_t type, const char* path);
  // Told why a call fails, in a sentence that begins with the name of the function of
  // libsgx_dcap_ql; levels as sgx_ql_set_trace_callback has them. NULL: nobody is told.
  void (*set_log)(quoted_inproc_log log);
};

}  // extern "C"

namespace quoted::drop_in {

inline constexpr uint32_t kInprocAbi = 1;
inline constexpr const char* kInprocLibrary = "libquoted_inproc.so.1";

// `const quoted_inproc_interface* quoted_inproc_open(uint32_t abi)`: NULL when it has not that one.
inline constexpr const char* kInprocOpen = "quoted_inproc_open";
using InprocOpen = const quoted_inproc_interface* (*)(uint32_t abi);

}  // namespace quoted::drop_in
