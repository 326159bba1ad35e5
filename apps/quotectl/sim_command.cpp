// quotectl sim: what concerns the simulated manufacturer.
#include "quotectl/sim_commands.h"

namespace quoted::quotectl {

void add_sim_command(CLI::App& app, Action& chosen) {
  CLI::App* const sim = app.add_subcommand("sim", "The simulated manufacturer");
  add_sim_root_command(*sim, chosen);
  add_sim_collateral_command(*sim, chosen);
  add_sim_upgrade_command(*sim, chosen);
  add_sim_status_command(*sim, chosen);
  add_sim_tcb_recovery_command(*sim, chosen);
  add_sim_revoke_command(*sim, chosen);
  add_sim_expire_command(*sim, chosen);
  add_sim_advisory_command(*sim, chosen);
  add_sim_identity_command(*sim, chosen);
  add_sim_platform_command(*sim, chosen);
  add_sim_fault_command(*sim, chosen);
  add_sim_provision_command(*sim, chosen);
}

}  // namespace quoted::quotectl
