#include "sgx_quote_ex/call.h"

#include <string>

#include "aesm/codec.h"
#include "aesm/refusal.h"
#include "aesm/socket_advice.h"
#include "base/hex.h"
#include "base/text.h"
#include "sgx_quote_ex/settings.h"

namespace quoted::quote_ex {
namespace {

using base::text;

// "returns 0x4001: "
std::string returning(sgx_status_t status) {
  return text("returns ", base::hex_number(static_cast<std::uint32_t>(status)), ": ");
}

}  // namespace

sgx_status_t Call::invalid(std::string_view reason) const {
  constexpr sgx_status_t kStatus = SGX_ERROR_INVALID_PARAMETER;
  trace_.say(Level::kError, [&] { return text(returning(kStatus), reason); });
  return kStatus;
}

void Call::miss(std::string_view field) const {
  trace_.say(Level::kWarning,
             [&] { return text("succeeds, but the service's answer lacks ", field); });
}

sgx_status_t Call::given_up(sgx_status_t status, const char* reason) const noexcept {
  trace_.say(Level::kError, [&] { return text(returning(status), reason); });
  return status;
}

base::Result<aesm::OwnedResponse> Call::send(const aesm::Request& request) const {
  Settings settings = Settings::from_environment();
  settings.client.on_retry = [this](const base::Error& error, std::chrono::microseconds pause) {
    trace_.say(Level::kNotice,
               [&] { return text("tries again in ", pause.count(), " us: ", error.summary()); });
  };
  return aesm::Client(settings.socket, settings.client).call(request);
}

sgx_status_t Call::failed(const base::Error& error) const {
  const auto status = static_cast<sgx_status_t>(error.entry().sdk);
  trace_.say(Level::kError, [&] {
    const std::string socket = Settings::from_environment().socket;
    return text(returning(status), error.summary(), "; ", aesm::socket_advice(socket, error), " [",
                error.entry().id, ']');
  });
  return status;
}

sgx_status_t Call::unusable(const base::Error& error) const {
  constexpr sgx_status_t kStatus = SGX_ERROR_UNEXPECTED;
  trace_.say(Level::kError, [&] { return text(returning(kStatus), error.summary()); });
  return kStatus;
}

sgx_status_t Call::answered(const aesm::Request& request, std::uint32_t aesm) const {
  const sgx_status_t status = status_for(column_, aesm);
  if (status == SGX_SUCCESS) {
    trace_.say(Level::kDebug, [] { return std::string("succeeds"); });
  } else {
    trace_.say(Level::kError, [&] {
      return text(returning(status), aesm::refusal(aesm::kind_of(request), aesm).summary());
    });
  }
  return status;
}

}  // namespace quoted::quote_ex
