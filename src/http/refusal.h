// Why the server itself refuses a request. Private to the module.
#pragma once

#include <tl/expected.hpp>

#include "http/server.h"

namespace quoted::http {

struct Refusal {
  unsigned status;
  Rejection why;
  base::Error error;
  Headers headers{};  // Allow, Retry-After
};

template <class T>
using OrRefusal = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(unsigned status, Rejection why, base::ErrorCode code,
                                      std::string message) {
  return tl::unexpected<Refusal>(Refusal{status, why, base::Error(code, std::move(message))});
}

}  // namespace quoted::http
