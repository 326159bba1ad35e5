// What callers of the quoting library know an error of the simulated platform by.
#pragma once

#include "base/error.h"
#include "drop_in/answer.h"

namespace quoted::inproc {

// quote-generation 11.2, aesm-protocol 7.7: a number out of E001 to E0FF stays what it is, also one
// with which the provider refused.
[[nodiscard]] drop_in::Refusal refusal_of(const base::Error& error);

}  // namespace quoted::inproc
