// One call of the C interface: its answer, its reason, and the border that no exception crosses.
#pragma once

#include <new>

#include "base/c_border.h"
#include "base/hex.h"
#include "base/text.h"
#include "drop_in/answer.h"
#include "drop_in/calls_in_progress.h"
#include "drop_in/explained.h"
#include "sgx_dcap_ql/trace.h"

namespace quoted::dcap_ql {

using base::ErrorCode;
using drop_in::Answer;
using drop_in::invalid;
using drop_in::refuse;
using drop_in::refuse_for;

[[nodiscard]] inline std::string returning(const char* function, quote3_error_t code) {
  return base::text(function, " returns ", base::hex_number(static_cast<std::uint32_t>(code)));
}

// Runs `body()`, which gives an Answer<void>, as the function of this name. A refusal without a
// reason was explained by the library that it came from.
template <class Body>
quote3_error_t run_call(const char* function, const Body& body) noexcept {
  const base::CallScope scope;
  const drop_in::CallInProgress in_progress;
  const auto failed = [function](quote3_error_t code, const char* reason) {
    say(Level::kError, [&] { return base::text(returning(function, code), ": ", reason); });
    return code;
  };
  try {
    const Answer<void> answer = body();
    if (!answer) {
      if (answer.error().reason.empty()) return answer.error().code;
      return failed(answer.error().code, answer.error().reason.c_str());
    }
  } catch (const std::bad_alloc&) {
    return failed(SGX_QL_ERROR_OUT_OF_MEMORY, "out of memory");
  } catch (...) {
    return failed(SGX_QL_ERROR_UNEXPECTED, "a defect in this library");
  }
  say(Level::kTrace, [&] { return base::text(function, " succeeds"); });
  return SGX_QL_SUCCESS;
}

}  // namespace quoted::dcap_ql
