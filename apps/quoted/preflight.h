// quoted --preflight: starts this program as a candidate beside the daemon that serves, and tells
// whether it may take that one's place (docs/preflight.md).
#pragma once

#include "quoted/candidate.h"

namespace quoted::app {

enum class PreflightExit : int {
  kPassed = 0,
  kFailed = 2,
  kNotRun = 3,  // there is nothing to say about the candidate
};

// Prints its table. An error: it could not be run. The caller has no threads.
[[nodiscard]] base::Result<PreflightExit> run_preflight(const Options& options, const Serve& serve);

}  // namespace quoted::app
