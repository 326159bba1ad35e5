// The verdicts that the examples of docs/policies are tried on: those of real quotes and of the
// vectors with a root of their own.
#pragma once

#include <string>
#include <vector>

#include "appraisal/facts.h"

namespace quoted::appraisal::testing {

struct NamedVerdict {
  std::string name;        // "up-to-date"
  std::string vector;      // the folder of tests/vectors whose quote it judges
  void (*change)(Facts&);  // null, or what no vector has
};

[[nodiscard]] const std::vector<NamedVerdict>& named_verdicts();

// What the verifier finds, with debug enclaves allowed as a policy demands. Throws for an unknown
// name.
[[nodiscard]] Facts facts_named(const std::string& name, bool allow_debug);

}  // namespace quoted::appraisal::testing
