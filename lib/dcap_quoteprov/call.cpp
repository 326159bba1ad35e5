#include "dcap_quoteprov/call.h"

namespace quoted::quoteprov {

Refusal refusal_of(const base::Error& error, quote3_error_t not_found) {
  using base::ErrorCode;
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
