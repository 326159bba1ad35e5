// Collateral as JSON: what its documents say, who signed them and when they end.
#pragma once

#include "collateral/parsed_collateral.h"
#include "quotectl/describe_sgx.h"

namespace quoted::quotectl {

// `origin` is put in as it is: where the documents are from.
[[nodiscard]] Json describe_collateral(const collateral::ParsedCollateral& parts,
                                       const Json& origin);

// The dates that end a set of collateral, soonest first; what cannot be read has none.
[[nodiscard]] Json describe_expiries(const collateral::ParsedCollateral& parts);

}  // namespace quoted::quotectl
