// What the drills of `quotectl sim` share: the world they move, and how they tell what they did.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "quotectl/exit_codes.h"
#include "simulation/authority/world_file.h"

namespace quoted::quotectl {

struct DrillOptions {
  std::string world;  // the state directory of quoted-pcs
};

// --world, else $QUOTED_PCS_STATE_DIR, else the default of quoted-pcs.
void add_drill_options(CLI::App& command, DrillOptions& options);

// The world of the options. FileUnreadable says what to do where there is none.
[[nodiscard]] base::Result<simulation::World> load_world(const DrillOptions& options);

// Changes it while no other program does, and prints the lines that `change` gives.
[[nodiscard]] base::Result<ExitCode> drill(
    const DrillOptions& options,
    const std::function<base::Result<std::string>(simulation::World& world)>& change);

// "CPUSVN 0b0b0303ffff00010000000000000000, PCESVN 13"
[[nodiscard]] std::string level_text(const simulation::TcbLevel& level);

}  // namespace quoted::quotectl
