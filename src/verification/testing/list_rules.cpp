// Prints the rules of the verifier, one a line, for scripts/test-rules.
#include <iostream>

#include "verification/verifier.h"

int main() {
  for (const std::string_view name : quoted::verification::rule_names()) std::cout << name << '\n';
  return 0;
}
