// Flaws that only a caller of a single step can meet: in the one call an earlier rule takes them.
#pragma once

#include <ostream>

#include "verification/rules.h"
#include "verification/testing/forge.h"

namespace quoted::verification::testing {

struct StepForgery {
  std::string rule;
  std::string what;
  QvlStatus status;
  std::function<QvlStatus(std::vector<Check>&)> run;
};

inline void PrintTo(const StepForgery& row, std::ostream* out) {
  *out << row.rule << ": " << row.what;
}

[[nodiscard]] std::vector<StepForgery> step_forgeries();

}  // namespace quoted::verification::testing
