// When documents were issued and when they expire, taken together.
#pragma once

#include <string>

#include "base/clock.h"
#include "collateral/parsed_collateral.h"

namespace quoted::verification {

struct Validity {
  base::UnixTime earliest_issue;
  base::UnixTime latest_issue;         // not valid as a whole before
  base::UnixTime earliest_expiration;  // nor after
  std::string earliest_expiring;       // what that is
};

// Of all parts, which must have been parsed, and of the chain of a quote if there is one.
[[nodiscard]] Validity validity_of(const collateral::ParsedCollateral& parts,
                                   const collateral::CertificateChain* chain);

}  // namespace quoted::verification
