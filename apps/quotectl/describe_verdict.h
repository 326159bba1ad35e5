// What a verifier found, for people and for scripts. Nothing that a refused quote claims about
// itself is in it, so that nobody takes a claim for a finding; `inspect` shows claims.
#pragma once

#include <string>

#include "quotectl/describe_sgx.h"
#include "verification/verifier.h"

namespace quoted::quotectl {

// Leads with VERIFIED, VERIFIED WITH WARNINGS or "REFUSED: why". With collateral, checks that
// passed are counted, and shown only if `verbose`.
[[nodiscard]] std::string verdict_text(const verification::Verdict& verdict, bool verbose);

// The same without what it leads with.
[[nodiscard]] std::string verdict_details_text(const verification::Verdict& verdict, bool verbose);

[[nodiscard]] Json verdict_json(const verification::Verdict& verdict);

}  // namespace quoted::quotectl
