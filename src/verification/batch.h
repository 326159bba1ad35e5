// Many quotes at once, over all processors.
#pragma once

#include <span>

#include "verification/verifier.h"

namespace quoted::verification {

// One verdict for each quote, in their order: what `verifier.verify` says of it. `threads` of 0 is
// one for each processor; the caller's own is one of them.
[[nodiscard]] std::vector<Verdict> verify_all(const Verifier& verifier,
                                              std::span<const base::ByteView> quotes,
                                              const PreparedCollateral& collateral,
                                              base::UnixTime at, const VerifyOptions& options,
                                              unsigned threads = 0);

}  // namespace quoted::verification
