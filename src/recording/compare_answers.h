// Two answers to the same request: the one recorded and the one observed now. Kind, error code and
// fields have to be the same, but for what compare_quotes.h leaves out.
#pragma once

#include <cstdint>

#include "aesm/messages.h"
#include "recording/differences.h"

namespace quoted::recording {

// `more_room` is by how many bytes the buffer that was asked for now is larger than the recorded
// one; a quote fills its buffer (aesm-protocol 3.6).
[[nodiscard]] std::vector<Difference> compare_answers(const aesm::Response& expected,
                                                      const aesm::Response& observed,
                                                      std::int64_t more_room = 0);

// "0 AESM_SUCCESS"
[[nodiscard]] std::string error_code_text(std::uint32_t code);

}  // namespace quoted::recording
