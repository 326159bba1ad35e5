// The collateral of the synthetic base case, for tests of its readers.
#pragma once

#include <string>

#include "collateral/collateral.h"
#include "test_support/vectors.h"

namespace quoted::collateral::testing {

inline Collateral base_collateral() {
  Collateral out;
  for (const CollateralPart& part : kCollateralParts) {
    out.*part.bytes =
        test::read_vector("verification-synthetic/base/" + std::string(part.file_names.front()));
  }
  return out;
}

inline bool same(const Collateral& a, const Collateral& b) {
  for (const CollateralPart& part : kCollateralParts) {
    if (a.*part.bytes != b.*part.bytes) return false;
  }
  return true;
}

}  // namespace quoted::collateral::testing
