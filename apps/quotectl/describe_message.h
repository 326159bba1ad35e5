// What was said on the AESM socket as JSON: each field of a message by its name in the schema, the
// structures inside taken apart, hexadecimal digits for what is not understood.
#pragma once

#include "quotectl/describe_sgx.h"
#include "recording/transcript.h"

namespace quoted::quotectl {

// A frame's or a piece's content. Total: what cannot be decoded is shown with the reason.
[[nodiscard]] Json describe_message(const recording::Item& item);

}  // namespace quoted::quotectl
