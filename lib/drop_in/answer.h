// The answers of libraries that speak in quote3_error_t, and the memory of their callers.
#pragma once

#include <cstring>
#include <string>
#include <tl/expected.hpp>

// What it declares is the interface of one of them.
#pragma GCC visibility push(default)
#include "quoted/sgx_ql_common.h"
#pragma GCC visibility pop

namespace quoted::drop_in {

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
[[nodiscard]] Value load(const void* from) {
  Value out;
  std::memcpy(&out, from, sizeof(out));
  return out;
}

}  // namespace quoted::drop_in
