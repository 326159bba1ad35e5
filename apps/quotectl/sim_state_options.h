// Flags that move the state of a simulated world for one run, so that each verdict of a verifier
// can be met with the default platform's quotes.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "simulation/authority/tcb_state.h"

namespace quoted::quotectl {

struct StateOptions {
  std::optional<std::string> file;
  std::optional<std::string> status;
  std::optional<std::string> qe_status;
  std::vector<std::string> advisories;
  std::vector<std::string> revoke;
  std::vector<std::string> revoke_serials;
  std::optional<std::uint32_t> evaluation_number;
  std::optional<std::uint32_t> valid_days;
};

// Shorter serials are numbers like any other; they are filled up with zeros in front.
[[nodiscard]] base::Result<crypto::SerialNumber> parse_serial(std::string_view flag,
                                                              std::string_view digits);

void add_state_options(CLI::App& command, StateOptions& options);

// The state of the file, else a fresh one, moved as the flags say for the platform of `model`.
[[nodiscard]] base::Result<simulation::TcbState> chosen_state(
    const StateOptions& options, const simulation::MasterSeed& seed,
    const simulation::PlatformModel& model);

}  // namespace quoted::quotectl
