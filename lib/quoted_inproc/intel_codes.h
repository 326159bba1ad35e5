// What the answers of Intel's quoting logic mean to the caller (quote-generation 4.3, 11.2).
#pragma once

#include <cstdint>
#include <string>

#include "quoted_inproc/backend.h"
#include "quoted_inproc/devices.h"

namespace quoted::inproc {

enum class IntelCall { kInit, kSize, kQuote, kPolicy, kPath };

// Codes of its own pass through; those of lower layers become what the reference makes of them in
// that call.
[[nodiscard]] quote3_error_t quote3_code(IntelCall call, std::uint32_t code);

// Of the PCE library, whose success is not 0.
[[nodiscard]] quote3_error_t quote3_code_of_pce(std::uint32_t code);

// `function` returned that; one sentence with the likely cause and what to install or do.
[[nodiscard]] tl::unexpected<drop_in::Refusal> intel_refusal(IntelCall call, const char* function,
                                                             quote3_error_t code,
                                                             const Devices& devices);

}  // namespace quoted::inproc
