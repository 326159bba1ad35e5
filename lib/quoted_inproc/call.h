// One call through the table: its answer, its reason, and the border that no exception crosses.
#pragma once

#include <new>

#include "base/hex.h"
#include "base/text.h"
#include "drop_in/calls_in_progress.h"
#include "drop_in/inproc_interface.h"

namespace quoted::inproc {

void set_log(quoted_inproc_log log) noexcept;
void say(sgx_ql_log_level_t level, const char* message) noexcept;

// Says why `function` of the caller's interface returns that.
quote3_error_t failed(const char* function, quote3_error_t code, const char* reason) noexcept;

// Runs `body()`, which gives an Answer<void>, for the function of this name of libsgx_dcap_ql.
template <class Body>
quote3_error_t run_call(const char* function, const Body& body) noexcept {
  const drop_in::CallInProgress in_progress;
  try {
    const drop_in::Answer<void> answer = body();
    if (answer) return SGX_QL_SUCCESS;
    return failed(function, answer.error().code, answer.error().reason.c_str());
  } catch (const std::bad_alloc&) {
    return failed(function, SGX_QL_ERROR_OUT_OF_MEMORY, "out of memory");
  } catch (...) {
    return failed(function, SGX_QL_ERROR_UNEXPECTED, "a defect in this library");
  }
}

}  // namespace quoted::inproc
