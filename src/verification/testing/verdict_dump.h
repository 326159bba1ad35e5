// A whole verdict as text, so that two can be compared in everything they say.
#pragma once

#include <string>

#include "verification/verdict.h"

namespace quoted::verification::testing {

[[nodiscard]] std::string dump(const Verdict& verdict);

}  // namespace quoted::verification::testing
