// Lays out a quote (quote-generation 1.1, quote-verification 20). The inverse of Quote::parse.
#pragma once

#include "quote/quote.h"

namespace quoted::quote {

// The size that `serialize` gives for these parts in version 3.
[[nodiscard]] std::size_t quote_size(std::size_t authentication_data_size,
                                     std::size_t certification_data_size);

// What the signature data length of `serialize` says.
[[nodiscard]] std::size_t signature_data_size(const Quote& quote);

// WrongSize when a variable part does not fit its length field.
[[nodiscard]] base::Result<base::Bytes> serialize(const Quote& quote);

}  // namespace quoted::quote
