// The subcommands of `quotectl sim`, one file each.
#pragma once

#include "quotectl/commands.h"

namespace quoted::quotectl {

void add_sim_root_command(CLI::App& sim, Action& chosen);
void add_sim_collateral_command(CLI::App& sim, Action& chosen);
void add_sim_upgrade_command(CLI::App& sim, Action& chosen);
void add_sim_status_command(CLI::App& sim, Action& chosen);
void add_sim_tcb_recovery_command(CLI::App& sim, Action& chosen);
void add_sim_revoke_command(CLI::App& sim, Action& chosen);
void add_sim_expire_command(CLI::App& sim, Action& chosen);
void add_sim_advisory_command(CLI::App& sim, Action& chosen);
void add_sim_identity_command(CLI::App& sim, Action& chosen);
void add_sim_platform_command(CLI::App& sim, Action& chosen);
void add_sim_fault_command(CLI::App& sim, Action& chosen);
void add_sim_provision_command(CLI::App& sim, Action& chosen);

}  // namespace quoted::quotectl
