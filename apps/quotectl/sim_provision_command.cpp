// quotectl sim provision: a simulated machine for applications that quote in their own process,
// where no daemon runs that would make one.
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "base/text.h"
#include "quotectl/output.h"
#include "quotectl/sim_commands.h"
#include "quotectl/sim_world.h"
#include "simulation/authority/platform_manifest.h"
#include "simulation/cpu/published_cpu.h"
#include "simulation/epc/epc_ledger.h"
#include "simulation/node/provision.h"

namespace quoted::quotectl {
namespace {

using base::fail;
using base::Result;
using base::text;
namespace fs = std::filesystem;

constexpr mode_t kPublishedMode = 0644;

struct ProvisionOptions {
  std::string state_dir;
  WorldOptions seed;
  std::string platform_name = "default";
  std::optional<std::string> out;
  std::uint64_t epc = simulation::kDefaultEpcMebibytes;
};

// What is there may be a daemon's, or the only copy of a machine's fuses.
base::Status check_replaceable(const fs::path& file, const fs::path& ledger,
                               const simulation::Provision& wanted) {
  if (fs::exists(ledger)) {
    QUOTED_TRY(const auto present, simulation::EpcLedger::open(ledger));
    QUOTED_TRY(const simulation::EpcUsage usage, present->usage());
    if (!usage.others.empty()) {
      return fail(
          base::ErrorCode::kInvalidArgument,
          text(ledger.native(), " is in use by ", usage.others.size(),
               " processes, a daemon perhaps, which writes these files itself; name another "
               "place with --out"));
    }
  }
  if (!fs::exists(file)) return {};
  QUOTED_TRY(simulation::Provision present, simulation::load_provision(file));
  present.model = wanted.model;
  present.qe_isv_svn = wanted.qe_isv_svn;
  const base::SecretBytes before = simulation::serialize_provision(present);
  const base::SecretBytes after = simulation::serialize_provision(wanted);
  if (base::equal(before.view(), after.view())) return {};
  return fail(base::ErrorCode::kInvalidArgument,
              text(file.native(),
                   " holds another machine, of another seed or name; remove it first, or name "
                   "another place with --out"));
}

Result<ExitCode> run(const ProvisionOptions& options) {
  const fs::path state_dir = options.state_dir;
  if (!fs::is_directory(state_dir)) {
    return fail(base::ErrorCode::kInvalidArgument,
                text("--state-dir ", options.state_dir, " is no directory"));
  }
  if (!simulation::is_platform_name(options.platform_name)) {
    return fail(base::ErrorCode::kInvalidArgument,
                text("--platform-name is '", options.platform_name,
                     "', expected 1 to 64 letters, digits and -_. with a letter or digit first"));
  }
  QUOTED_TRY(const simulation::MasterSeed seed, read_seed(options.seed));
  QUOTED_TRY(const simulation::NodeState state,
             simulation::load_node_state(state_dir / simulation::kNodeStateFileName));
  QUOTED_TRY(const simulation::Provision provision,
             simulation::provision_for(seed, options.platform_name, state.present));
  QUOTED_TRY(const auto machine, simulation::assemble(provision.model, provision.secrets));

  const fs::path file =
      options.out ? fs::path(*options.out) : state_dir / simulation::kProvisionFileName;
  // An application finds the rest beside it.
  const fs::path directory = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const fs::path epc = directory / simulation::kEpcLedgerFileName;
  QUOTED_CHECK(check_replaceable(file, epc, provision));
  QUOTED_CHECK(simulation::save_provision(file, provision));
  QUOTED_TRY(const auto ledger, simulation::EpcLedger::create(epc, options.epc));
  QUOTED_CHECK(base::write_file(directory / simulation::kPublishedCpuFileName,
                                simulation::serialize_published_cpu(machine.cpu), kPublishedMode));
  QUOTED_CHECK(print(text("QUOTED_SIMULATED_PROVISION=", file.native(), '\n')));
  warn_simulated(text("machine '", options.platform_name, "' at ", to_text(state.present),
                      ": whoever can read ", file.native(), " can make its quotes",
                      development_seed_warning(options.seed)));
  return ExitCode::kSuccess;
}

}  // namespace

void add_sim_provision_command(CLI::App& sim, Action& chosen) {
  auto options = std::make_shared<ProvisionOptions>();
  CLI::App* const command = sim.add_subcommand(
      "provision",
      "Write the provisioning file of a simulated machine, the ledger of its enclave memory and "
      "its CPU, so that applications can quote in their own process without a daemon");
  command
      ->add_option("--state-dir", options->state_dir,
                   "Whose SVNs the machine has, and where the files go")
      ->type_name("DIR")
      ->required();
  add_seed_option(*command, options->seed);
  command
      ->add_option("--platform-name", options->platform_name,
                   "Which machine of the simulated world it is")
      ->type_name("NAME")
      ->capture_default_str();
  command
      ->add_option("--out", options->out,
                   "Where the provisioning file goes instead; the others go beside it")
      ->type_name("FILE");
  command->add_option("--epc", options->epc, "Enclave memory of the machine in MiB")
      ->check(CLI::Range(std::uint64_t{1}, simulation::kMaxEpcMebibytes))
      ->type_name("MIB")
      ->capture_default_str();
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
