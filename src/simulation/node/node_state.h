// The SVNs of a simulated node: what a microcode or package update moves. Kept in a file of the
// daemon's state directory, which `quotectl sim upgrade` writes and the daemon follows.
#pragma once

#include <filesystem>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "sgx/identifiers.h"

namespace quoted::simulation {

// Below the state directory of quoted.
inline constexpr std::string_view kNodeStateFileName = "node.json";

struct NodeLevel {
  sgx::CpuSvn cpu_svn;
  std::uint16_t pce_isv_svn = 0;
  std::uint16_t qe_isv_svn = 0;
  friend bool operator==(const NodeLevel&, const NodeLevel&) = default;
};

// "CPUSVN 0b0b..., PCE 13, QE 8"
[[nodiscard]] std::string to_text(const NodeLevel& level);

struct NodeState {
  NodeLevel present;
  // What it was upgraded from, and when: REPORTs made then are still under way.
  std::optional<NodeLevel> previous;
  std::optional<base::UnixTime> upgraded_at;
  friend bool operator==(const NodeState&, const NodeState&) = default;
};

// That of default_platform_model, never upgraded.
[[nodiscard]] NodeState default_node_state();

// `state` after an upgrade to `level`. InvalidArgument when that changes nothing, or lowers an SVN:
// no update does.
[[nodiscard]] base::Result<NodeState> upgraded(const NodeState& state, const NodeLevel& level,
                                               base::UnixTime now);

// Malformed names the member at fault.
[[nodiscard]] base::Result<NodeState> parse_node_state(std::string_view json);
[[nodiscard]] std::string format_node_state(const NodeState& state);

// The default when there is no such file.
[[nodiscard]] base::Result<NodeState> load_node_state(const std::filesystem::path& path);
[[nodiscard]] base::Status save_node_state(const std::filesystem::path& path,
                                           const NodeState& state);

}  // namespace quoted::simulation
