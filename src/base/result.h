// Result<T>: a value or an Error. Expected failures travel in it; exceptions mean a bug or
// exhausted memory and are caught once per session and in main.
#pragma once

#include <tl/expected.hpp>

#include "base/error.h"

namespace quoted::base {

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error(code, std::move(message)));
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace quoted::base

#define QUOTED_CONCAT_INNER(a, b) a##b
#define QUOTED_CONCAT(a, b) QUOTED_CONCAT_INNER(a, b)

// Evaluates a Result and returns its error from the enclosing function, or binds its value.
#define QUOTED_TRY(target, expression) \
  QUOTED_TRY_IMPL(QUOTED_CONCAT(quoted_try_, __LINE__), target, expression)
#define QUOTED_TRY_IMPL(holder, target, expression)                      \
  auto holder = (expression);                                            \
  if (!holder) return ::quoted::base::fail(std::move(holder).error());   \
  target = *std::move(holder)

// The same for a Status.
#define QUOTED_CHECK(expression)                                                            \
  do {                                                                                      \
    if (auto quoted_status = (expression); !quoted_status) {                                \
      return ::quoted::base::fail(std::move(quoted_status).error());                        \
    }                                                                                       \
  } while (false)
