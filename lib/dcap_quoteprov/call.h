// One call of the C interface: its answer, its reason, and the border that no exception crosses.
#pragma once

#include <cstring>
#include <new>
#include <string>

#include "base/c_border.h"
#include "base/result.h"
#include "base/text.h"
#include "dcap_quoteprov/log.h"

namespace quoted::quoteprov {

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

// What callers know an error by (quote-generation 8.3); `not_found` stands for a document that the
// sources do not have.
[[nodiscard]] Refusal refusal_of(const base::Error& error, quote3_error_t not_found);

// For places that the caller need not have aligned.
template <class Value>
void store(void* to, const Value& value) {
  std::memcpy(to, &value, sizeof(value));
}
template <class Value>
[[nodiscard]] Value load(const void* from) {
  Value out;
  std::memcpy(&out, from, sizeof(out));
  return out;
}

// Runs `body()`, which gives an Answer<void>, as the function of this name.
template <class Body>
quote3_error_t run_call(const char* function, const Body& body) noexcept {
  const base::CallScope scope;
  try {
    const Answer<void> answer = body();
    if (answer) return SGX_QL_SUCCESS;
    log(SGX_QL_LOG_ERROR, base::text(function, ": ", answer.error().reason));
    return answer.error().code;
  } catch (const std::bad_alloc&) {
    log(SGX_QL_LOG_ERROR, "out of memory");
    return SGX_QL_ERROR_OUT_OF_MEMORY;
  } catch (...) {
    log(SGX_QL_LOG_ERROR, "a defect in this library");
    return SGX_QL_ERROR_UNEXPECTED;
  }
}

}  // namespace quoted::quoteprov
