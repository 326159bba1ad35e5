// The wire corpus as lines of the table: one for each conversation.
#pragma once

#include "conformance/player.h"
#include "preflight/report.h"

namespace quoted::preflight {

// A conversation fails with its first step that does.
[[nodiscard]] std::vector<Check> wire_checks(const std::vector<conformance::StepResult>& steps);

}  // namespace quoted::preflight
