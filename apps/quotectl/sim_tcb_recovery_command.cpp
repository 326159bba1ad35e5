// quotectl sim tcb-recovery: new microcode, and those who stay behind are out of date.
#include <memory>

#include "base/text.h"
#include "quotectl/option_values.h"
#include "quotectl/sim_commands.h"
#include "quotectl/sim_drill.h"
#include "simulation/authority/drills.h"

namespace quoted::quotectl {
namespace {

using base::Result;
using base::text;

struct RecoveryOptions {
  DrillOptions drill;
  std::optional<std::uint16_t> pce_svn;
  bool keep_cpu_svn = false;
  std::vector<std::string> advisories;
  int grace_days = 0;
};

std::string told(const simulation::RecoveryOutcome& outcome, const RecoveryOptions& options) {
  std::string out = text("tcbEvaluationDataNumber ", outcome.old_number, " -> ", outcome.new_number,
                         "\nnew best level: ", level_text(outcome.best),
                         "\nlevels that are no longer in order: ", outcome.left_behind, '\n');
  if (options.grace_days > 0) {
    out += text("Verifiers that ask with update=standard see this in ", options.grace_days,
                " days; those with update=early now.\n");
  } else {
    out += "Verifiers that fetch collateral from now on find nodes of the old level out of date.\n";
  }
  return out + "Upgrade a node with: quotectl sim upgrade --state-dir NODE\n";
}

Result<ExitCode> run(const RecoveryOptions& options) {
  return drill(options.drill, [&](simulation::World& world) -> Result<std::string> {
    simulation::TcbRecovery recovery;
    recovery.raise_cpu_svn = !options.keep_cpu_svn;
    recovery.pce_svn = options.pce_svn;
    recovery.advisories = options.advisories;
    recovery.grace = std::chrono::days(options.grace_days);
    QUOTED_TRY(const auto outcome,
               simulation::recover_tcb(world, recovery, base::SystemClock().now()));
    return told(outcome, options);
  });
}

}  // namespace

void add_sim_tcb_recovery_command(CLI::App& sim, Action& chosen) {
  constexpr int kMaxGrace = 3650;
  auto options = std::make_shared<RecoveryOptions>();
  CLI::App* const command = sim.add_subcommand(
      "tcb-recovery", "Publish new microcode: a better TCB level, the present ones OutOfDate");
  add_drill_options(*command, options->drill);
  CLI::Option* const pce_svn = command->add_option(
      "--pce-svn", options->pce_svn, "PCESVN of the new level; without it that of the best one");
  command
      ->add_flag("--keep-cpu-svn", options->keep_cpu_svn,
                 "The new level differs by its PCESVN alone")
      ->needs(pce_svn);
  command
      ->add_option("--advisory", options->advisories,
                   "Why: an advisory of all levels below the new one; may be repeated")
      ->type_name("ID")
      ->allow_extra_args(false);
  command
      ->add_option("--grace-days", options->grace_days,
                   "Days in which update=standard still means the number before")
      ->check(CLI::Range(0, kMaxGrace))
      ->capture_default_str();
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
