// quotectl sim upgrade: what a microcode or package update does to a node, for the simulated one.
#include <filesystem>
#include <memory>

#include "base/text.h"
#include "quotectl/option_values.h"
#include "quotectl/output.h"
#include "quotectl/sim_commands.h"
#include "simulation/node/node_state.h"

namespace quoted::quotectl {
namespace {

using base::fail;
using base::Result;
using base::text;

struct UpgradeOptions {
  std::string state_dir;
  std::optional<std::string> cpu_svn;
  std::optional<std::uint16_t> pce_isv_svn;
  std::optional<std::uint16_t> qe_isv_svn;
};

// The first component is that of the microcode: a recovery raises it, as `sim tcb-recovery` does.
Result<sgx::CpuSvn> next_cpu_svn(const sgx::CpuSvn& present) {
  sgx::CpuSvn out = present;
  const auto first = std::to_integer<unsigned>(out.view()[0]);
  if (first == 0xFF) {
    return fail(base::ErrorCode::kInvalidArgument,
                text("the first component of CPUSVN ", present.hex(),
                     " is at its highest; name another CPUSVN with --cpu-svn"));
  }
  out.mutable_view()[0] = static_cast<std::byte>(first + 1);
  return out;
}

Result<simulation::NodeLevel> wanted_level(const UpgradeOptions& options,
                                           const simulation::NodeLevel& present) {
  simulation::NodeLevel out = present;
  if (options.cpu_svn) {
    QUOTED_TRY(out.cpu_svn, parse_identifier<sgx::CpuSvn>("--cpu-svn", *options.cpu_svn));
  } else if (!options.pce_isv_svn && !options.qe_isv_svn) {
    QUOTED_TRY(out.cpu_svn, next_cpu_svn(present.cpu_svn));
  }
  out.pce_isv_svn = options.pce_isv_svn.value_or(present.pce_isv_svn);
  out.qe_isv_svn = options.qe_isv_svn.value_or(present.qe_isv_svn);
  return out;
}

Result<ExitCode> run(const UpgradeOptions& options) {
  if (!std::filesystem::is_directory(options.state_dir)) {
    return fail(base::ErrorCode::kInvalidArgument,
                text("--state-dir ", options.state_dir,
                     " is no directory; give the state directory of the daemon"));
  }
  const auto file =
      std::filesystem::path(options.state_dir) / std::string(simulation::kNodeStateFileName);
  QUOTED_TRY(const simulation::NodeState state, simulation::load_node_state(file));
  QUOTED_TRY(const simulation::NodeLevel level, wanted_level(options, state.present));
  QUOTED_TRY(const simulation::NodeState after,
             simulation::upgraded(state, level, base::SystemClock().now()));
  QUOTED_CHECK(simulation::save_node_state(file, after));
  QUOTED_CHECK(print(text("before: ", to_text(state.present), "\nnow:    ", to_text(level), '\n')));
  warn_simulated(
      "a daemon that runs takes this up within a second, and quotes on; what was made for the "
      "level "
      "before is still quoted for the grace period");
  return ExitCode::kSuccess;
}

}  // namespace

void add_sim_upgrade_command(CLI::App& sim, Action& chosen) {
  auto options = std::make_shared<UpgradeOptions>();
  CLI::App* const command = sim.add_subcommand(
      "upgrade", "Update the simulated node of a daemon: microcode (the default), PCE or QE");
  command->add_option("--state-dir", options->state_dir, "State directory of the daemon")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--cpu-svn", options->cpu_svn,
                   "New CPUSVN, 16 bytes; without it and the flags below the first component rises "
                   "by one")
      ->type_name("HEX");
  command->add_option("--pce-svn", options->pce_isv_svn, "New ISVSVN of the PCE");
  command->add_option("--qe-svn", options->qe_isv_svn, "New ISVSVN of the QE");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
