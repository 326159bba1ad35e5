// quotectl sim revoke: certificates into the CRLs, and out of them again.
#include <memory>

#include "base/text.h"
#include "quotectl/sim_commands.h"
#include "quotectl/sim_drill.h"
#include "quotectl/sim_state_options.h"
#include "quotectl/sim_world.h"
#include "simulation/authority/drills.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using simulation::Revoking;
using simulation::World;

struct RevokeOptions {
  DrillOptions drill;
  WorldOptions seed;
  std::vector<std::string> serials;
  std::vector<std::string> platforms;
  std::vector<std::string> issuers;
  bool take_back = false;
};

Result<std::vector<crypto::SerialNumber>> wanted_serials(const RevokeOptions& options,
                                                         const World& world) {
  std::vector<crypto::SerialNumber> out;
  for (const std::string& digits : options.serials) {
    QUOTED_TRY(const crypto::SerialNumber serial, parse_serial("--serial", digits));
    out.push_back(serial);
  }
  if (options.platforms.empty()) return out;
  QUOTED_TRY(const simulation::MasterSeed seed, read_seed(options.seed));
  for (const std::string& name : options.platforms) {
    QUOTED_TRY(const auto* const platform, platform_of(world, name));
    QUOTED_TRY(const auto serials, simulation::pck_serials(seed, world, *platform));
    out.insert(out.end(), serials.begin(), serials.end());
  }
  return out;
}

Result<std::string> revoke(const RevokeOptions& options, World& world) {
  const Revoking what = options.take_back ? Revoking::kTakeBack : Revoking::kRevoke;
  const std::string_view done = options.take_back ? "no longer revoked: " : "revoked: ";
  QUOTED_TRY(const auto serials, wanted_serials(options, world));
  std::string out;
  for (const auto& serial : serials) {
    const bool changed = simulation::set_revoked(world, serial, what);
    out += text(changed ? done : "as it was: ", "PCK certificate ", serial.hex(), '\n');
  }
  for (const std::string& name : options.issuers) {
    const bool changed = simulation::set_revoked(world, *simulation::issuer_named(name), what);
    out += text(changed ? done : "as it was: ", name, '\n');
  }
  if (out.empty()) {
    return fail(ErrorCode::kInvalidArgument, "give --serial, --platform or --issuer");
  }
  const auto& state = world.present.state;
  return out + text("PCK CRL number ", state.pck_crl_number, ", root CRL number ",
                    state.root_crl_number, "\nVerifiers that fetch the CRLs from now on ",
                    options.take_back ? "accept them again.\n"
                                      : "refuse quotes and collateral under them.\n");
}

}  // namespace

void add_sim_revoke_command(CLI::App& sim, Action& chosen) {
  auto options = std::make_shared<RevokeOptions>();
  CLI::App* const command =
      sim.add_subcommand("revoke", "Revoke PCK certificates, platforms or issuers");
  add_drill_options(*command, options->drill);
  add_seed_option(*command, options->seed);
  command->add_option("--serial", options->serials, "A PCK certificate; may be repeated")
      ->type_name("HEX")
      ->allow_extra_args(false);
  command
      ->add_option("--platform", options->platforms,
                   "All PCK certificates of this registered platform; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--issuer", options->issuers, "A CA or the signer of documents")
      ->check(CLI::IsMember({"platform-ca", "processor-ca", "tcb-signing"}))
      ->allow_extra_args(false);
  command->add_flag("--undo", options->take_back, "Take them out of the CRLs again");
  command->callback([options, &chosen] {
    chosen = [options] {
      return drill(options->drill, [&](World& world) { return revoke(*options, world); });
    };
  });
}

}  // namespace quoted::quotectl
