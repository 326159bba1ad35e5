// TcbState as a JSON file, so that a moved world stays moved. People may edit it; whoever can write
// it decides what this world's collateral says, nothing more.
#pragma once

#include <filesystem>

#include "simulation/authority/tcb_state.h"

namespace quoted::simulation {

// Malformed, naming the field, unless every member is there, known and in its range; the state
// that comes out passes `check`.
[[nodiscard]] base::Result<TcbState> parse_tcb_state(std::string_view json);
[[nodiscard]] std::string format_tcb_state(const TcbState& state);

[[nodiscard]] base::Result<TcbState> load_tcb_state(const std::filesystem::path& path);
// A reader sees the old state or the new one. Malformed when `check` refuses the state.
[[nodiscard]] base::Status save_tcb_state(const std::filesystem::path& path, const TcbState& state);

}  // namespace quoted::simulation
