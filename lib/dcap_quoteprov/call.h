// One call of the C interface: its answer, its reason, and the border that no exception crosses.
#pragma once

#include <new>

#include "base/c_border.h"
#include "base/result.h"
#include "base/text.h"
#include "dcap_quoteprov/log.h"
#include "drop_in/answer.h"

namespace quoted::quoteprov {

using drop_in::Answer;
using drop_in::invalid;
using drop_in::load;
using drop_in::Refusal;
using drop_in::refuse;
using drop_in::store;

// What callers know an error by (quote-generation 8.3); `not_found` stands for a document that the
// sources do not have.
[[nodiscard]] Refusal refusal_of(const base::Error& error, quote3_error_t not_found);

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
