// One call of the C interface: its answer, its reason, and the border that no exception crosses.
#pragma once

#include <cstring>
#include <new>
#include <string>

#include <tl/expected.hpp>

#include "base/c_border.h"
#include "sgx_dcap_quoteverify/abi.h"

namespace quoted::quoteverify {

// Why a call fails.
struct Refusal {
  quote3_error_t code;
  std::string reason;  // a sentence without a full stop
};

template <class T>
using Answer = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(quote3_error_t code, std::string reason) {
  return tl::unexpected<Refusal>(Refusal{code, std::move(reason)});
}
inline tl::unexpected<Refusal> invalid(std::string reason) {
  return refuse(SGX_QL_ERROR_INVALID_PARAMETER, std::move(reason));
}

// For places that the caller need not have aligned.
template <class Value>
void store(void* to, const Value& value) {
  std::memcpy(to, &value, sizeof(value));
}
template <class Value>
void store_if(void* to, const Value& value) {
  if (to != nullptr) store(to, value);
}
template <class Value>
[[nodiscard]] Value load(const void* from) {
  Value out;
  std::memcpy(&out, from, sizeof(out));
  return out;
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
