// The SVNs that a quote shows, and whether a candidate has lower ones than what it is to replace.
#pragma once

#include <optional>
#include <string>

#include "preflight/report.h"
#include "quote/quote.h"
#include "simulation/node/node_state.h"

namespace quoted::preflight {

using simulation::NodeLevel;

// QuoteUnsupported for a quote that shows none: SGX, version 3 has them all.
[[nodiscard]] base::Result<NodeLevel> level_of(const quote::Quote& quote);

// "CPUSVN 0b0b..., PCE 13, QE 8", as a daemon writes it into its status. Malformed.
[[nodiscard]] base::Result<NodeLevel> parse_level(std::string_view text);

// The higher of each SVN.
[[nodiscard]] NodeLevel highest_of(const NodeLevel& a, const NodeLevel& b);

// The highest of each SVN that the node's state names: what it was upgraded from counts as well.
[[nodiscard]] NodeLevel newest_of(const simulation::NodeState& state);

// What is known of the service that the candidate is to replace.
struct Incumbent {
  std::string where;  // "the service at /run/aesm.socket"
  NodeLevel level;
};
// What both say; the error of the first when neither says anything.
[[nodiscard]] base::Result<Incumbent> joined(const base::Result<Incumbent>& service,
                                             const base::Result<Incumbent>& stored);

// Empty, or which SVNs are lower: "PCE 12 < 13".
[[nodiscard]] std::string lower_parts(const NodeLevel& candidate, const NodeLevel& incumbent);

// The error says why nothing is known.
[[nodiscard]] Check downgrade_check(const NodeLevel& candidate,
                                    const base::Result<Incumbent>& incumbent);

}  // namespace quoted::preflight
