// What the public interface tells of a quote that was parsed.
#pragma once

#include "quote/quote.h"
#include "quoted/quote.h"

namespace quoted::api {

[[nodiscard]] QuoteClaims claims_of(const quote::Quote& quote, std::size_t size);

}  // namespace quoted::api
