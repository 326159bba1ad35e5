// One call of the C interface: its answer, its reason, and the border that no exception crosses.
#pragma once

#include <new>

#include "base/c_border.h"
#include "drop_in/answer.h"
#include "drop_in/fork_gate.h"
#include "sgx_dcap_quoteverify/abi.h"

namespace quoted::quoteverify {

using drop_in::Answer;
using drop_in::ForkGate;
using drop_in::invalid;
using drop_in::load;
using drop_in::Refusal;
using drop_in::refuse;
using drop_in::store;

// For a place that the caller need not have.
template <class Value>
void store_if(void* to, const Value& value) {
  if (to != nullptr) store(to, value);
}

// Standard error, when the environment asks for it.
void explain(const char* function, quote3_error_t code, const char* reason) noexcept;

// While one exists, what the library keeps between calls stays, also when the process ends. That
// alone does not make exit() safe for a thread in a call: libcrypto and static objects are taken
// apart all the same, so a process should end its verifying threads before it exits.
class InProgress {
 public:
  InProgress();
  InProgress(const InProgress&) = delete;
  InProgress& operator=(const InProgress&) = delete;
  ~InProgress();

  [[nodiscard]] static bool any();
  // In the child of a fork, where they are not.
  static void forget_other_threads();
};

// Runs `body()`, which gives an Answer<void>, as the function of this name.
template <class Body>
quote3_error_t run_call(const char* function, const Body& body) noexcept {
  const base::CallScope scope;
  const InProgress in_progress;
  const auto failed = [function](quote3_error_t code, const char* reason) {
    explain(function, code, reason);
    return code;
  };
  try {
    const Answer<void> answer = body();
    if (answer) return SGX_QL_SUCCESS;
    return failed(answer.error().code, answer.error().reason.c_str());
  } catch (const std::bad_alloc&) {
    return failed(SGX_QL_ERROR_OUT_OF_MEMORY, "out of memory");
  } catch (...) {
    return failed(SGX_QL_ERROR_UNEXPECTED, "a defect in this library");
  }
}

}  // namespace quoted::quoteverify
