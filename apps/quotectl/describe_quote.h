// A quote as JSON with every field, its certification data included.
#pragma once

#include "quote/quote.h"
#include "quotectl/describe_sgx.h"

namespace quoted::quotectl {

// The report body of SGX, or the TD report of TDX.
[[nodiscard]] Json describe_body(const quote::Quote& quote);

[[nodiscard]] Json describe_quote(const quote::Quote& quote);

// True when a certificate in the quote carries the simulation's marker. To tell people, never to
// decide.
[[nodiscard]] bool is_simulated(const quote::Quote& quote);

}  // namespace quoted::quotectl
