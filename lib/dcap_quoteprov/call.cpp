#include "dcap_quoteprov/call.h"

#include <optional>

namespace quoted::quoteprov {
namespace {

// Where callers tell the answers of a service apart in another way than our codes do
// (quote-generation 8.3); nothing for the others.
std::optional<quote3_error_t> meaning_of(std::uint32_t http_status, quote3_error_t not_found) {
  switch (http_status) {
    case 403:
      return SGX_QL_NETWORK_ERROR;
    case 404:
      return not_found;
    case 461:
      return SGX_QL_PLATFORM_UNKNOWN;
    case 462:
      return SGX_QL_CERTS_UNAVAILABLE;
    case 503:
      return SGX_QL_SERVICE_UNAVAILABLE;
    default:
      return http_status < 300 ? std::nullopt : std::optional(SGX_QL_UNKNOWN_MESSAGE_RESPONSE);
  }
}

}  // namespace

Refusal refusal_of(const base::Error& error, quote3_error_t not_found) {
  using base::ErrorCode;
  const auto http_status = error.peer_code();
  const auto meaning = http_status ? meaning_of(*http_status, not_found) : std::nullopt;
  if (meaning) return {*meaning, error.summary()};
  switch (error.code()) {
    case ErrorCode::kNotFoundAtSource:
    case ErrorCode::kNotInCache:
    case ErrorCode::kNoCollateralSource:
      return {not_found, error.summary()};
    case ErrorCode::kConfigurationInvalid:
    case ErrorCode::kFileUnreadable:
      return {SGX_QL_CONFIG_INVALID_JSON, error.summary()};
    default:
      break;
  }
  const std::uint32_t native = error.entry().native;
  const bool known = native > SGX_QL_ERROR_UNEXPECTED && native < SGX_QL_ERROR_MAX;
  return {known ? static_cast<quote3_error_t>(native) : SGX_QL_ERROR_UNEXPECTED, error.summary()};
}

}  // namespace quoted::quoteprov
