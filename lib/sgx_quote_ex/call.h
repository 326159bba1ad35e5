// One call of the C interface: what surrounds it, the conversation with the service, and the border
// that no exception crosses.
#pragma once

#include <new>
#include <string_view>
#include <variant>

#include "aesm/client.h"
#include "base/c_border.h"
#include "sgx_quote_ex/abi.h"
#include "sgx_quote_ex/status.h"
#include "sgx_quote_ex/trace.h"

namespace quoted::quote_ex {

class Call {
 public:
  Call(const char* function, Column column) : trace_(function), column_(column) {}

  // A parameter is not acceptable; `reason` says which and why.
  [[nodiscard]] sgx_status_t invalid(std::string_view reason) const;

  // Something that the answer should have held; the call goes on.
  void miss(std::string_view field) const;

  // Asks the service, gives the answer to `take`, and turns its error code into a status. `take`
  // copies what the caller gets and fails when something is too large for him; the reference also
  // copies out of answers with an error code (aesm-protocol 5.2).
  template <class Answer, class Take>
  [[nodiscard]] sgx_status_t ask(const aesm::Request& request, const Take& take) const {
    const base::Result<aesm::OwnedResponse> response = send(request);
    if (!response) return failed(response.error());
    const Answer& answer = std::get<Answer>(response->get());
    if (const base::Status taken = take(answer); !taken) return unusable(taken.error());
    constexpr std::uint32_t kDefaultOfTheSchema = 1;
    return answered(request, answer.error_code.value_or(kDefaultOfTheSchema));
  }

  // There is no memory, or something happened that should be impossible.
  [[nodiscard]] sgx_status_t given_up(sgx_status_t status, const char* reason) const noexcept;

 private:
  [[nodiscard]] base::Result<aesm::OwnedResponse> send(const aesm::Request& request) const;
  [[nodiscard]] sgx_status_t failed(const base::Error& error) const;
  [[nodiscard]] sgx_status_t unusable(const base::Error& error) const;
  [[nodiscard]] sgx_status_t answered(const aesm::Request& request, std::uint32_t aesm) const;

  Trace trace_;
  Column column_;
};

// Runs `body(call)` as the function of this name.
template <class Body>
sgx_status_t run_call(const char* function, Column column, const Body& body) noexcept {
  const base::CallScope scope;
  const Call call(function, column);
  try {
    return body(call);
  } catch (const std::bad_alloc&) {
    return call.given_up(SGX_ERROR_OUT_OF_MEMORY, "out of memory");
  } catch (...) {
    return call.given_up(SGX_ERROR_UNEXPECTED, "a defect in this library");
  }
}

}  // namespace quoted::quote_ex
