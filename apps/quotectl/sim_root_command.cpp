// quotectl sim root: the trust anchor of a simulated world.
#include <memory>

#include "base/text.h"
#include "quotectl/output.h"
#include "quotectl/sim_commands.h"
#include "quotectl/sim_world.h"

namespace quoted::quotectl {
namespace {

using base::Result;
using base::text;

struct RootOptions {
  WorldOptions world;
  std::string out;
};

Result<simulation::CertificateAuthority> derived(const WorldOptions& options) {
  QUOTED_TRY(const simulation::MasterSeed seed, read_seed(options));
  return derived_authority(seed, base::SystemClock().now());
}

Result<crypto::Certificate> wanted_root(const WorldOptions& options) {
  if (!options.state_dir) {
    QUOTED_TRY(const simulation::CertificateAuthority world, derived(options));
    return world.root();
  }
  QUOTED_TRY(crypto::Certificate stored, stored_root(*options.state_dir));
  if (options.seed_file) {
    QUOTED_TRY(const simulation::CertificateAuthority world, derived(options));
    QUOTED_CHECK(check_same_world(options, stored, world));
  }
  return stored;
}

Result<ExitCode> run(const RootOptions& options) {
  QUOTED_TRY(const crypto::Certificate root, wanted_root(options.world));
  QUOTED_CHECK(write_output_file(options.out, base::as_bytes(root.pem())));
  warn_simulated(text("root certificate of a simulated world written to ", options.out,
                      development_seed_warning(options.world)));
  return ExitCode::kSuccess;
}

}  // namespace

void add_sim_root_command(CLI::App& sim, Action& chosen) {
  auto options = std::make_shared<RootOptions>();
  CLI::App* const root =
      sim.add_subcommand("root", "Write the root certificate of a simulated world");
  add_world_options(*root, options->world,
                    "Take the certificate that the daemon of this state directory issued");
  root->add_option("--out", options->out, "Where the PEM goes")->type_name("FILE")->required();
  root->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
