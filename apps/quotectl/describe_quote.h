// A quote as JSON with every field, its certification data included.
#pragma once

#include "quote/quote.h"
#include "quotectl/describe_sgx.h"

namespace quoted::quotectl {

[[nodiscard]] Json describe_quote(const quote::Quote& quote);

// True when a certificate in the quote carries the simulation's marker. To tell people, never to
// decide.
[[nodiscard]] bool is_simulated(const quote::Quote& quote);

}  // namespace quoted::quotectl
