// Lays out a version 3 quote (quote-generation 1.1). The inverse of Quote::parse.
#pragma once

#include "quote/quote.h"

namespace quoted::quote {

// The size that `serialize` gives for these parts.
[[nodiscard]] std::size_t quote_size(std::size_t authentication_data_size,
                                     std::size_t certification_data_size);

// WrongSize when a variable part does not fit its length field.
[[nodiscard]] base::Result<base::Bytes> serialize(const Quote& quote);

}  // namespace quoted::quote
