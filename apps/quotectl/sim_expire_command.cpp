// quotectl sim expire: documents past their nextUpdate.
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
using simulation::World;

struct ExpireOptions {
  DrillOptions drill;
  int hours = 1;
  bool undo = false;
};

Result<std::string> expire(const ExpireOptions& options, World& world) {
  if (options.undo) {
    simulation::renew_documents(world);
    return std::string("Documents and CRLs are issued anew, valid from now on.\n");
  }
  const base::UnixTime now = base::SystemClock().now();
  const std::chrono::hours ago(options.hours);
  simulation::expire_documents(world, now, ago);
  return text("TCB info, QE identity and PCK CRLs have the nextUpdate ", format_time(now - ago),
              "\nVerifiers that fetch them from now on call the collateral expired. The root CRL "
              "lasts a year and is not among them.\n");
}

}  // namespace

void add_sim_expire_command(CLI::App& sim, Action& chosen) {
  constexpr int kMostHours = 24 * 365;
  auto options = std::make_shared<ExpireOptions>();
  CLI::App* const command =
      sim.add_subcommand("expire", "Serve documents that are past their nextUpdate");
  add_drill_options(*command, options->drill);
  command->add_option("--hours", options->hours, "How long ago they expired")
      ->check(CLI::Range(1, kMostHours))
      ->capture_default_str();
  command->add_flag("--undo", options->undo, "Issue them anew, as ever");
  command->callback([options, &chosen] {
    chosen = [options] {
      return drill(options->drill, [&](World& world) { return expire(*options, world); });
    };
  });
}

}  // namespace quoted::quotectl
