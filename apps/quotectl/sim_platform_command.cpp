// quotectl sim platform: the machines that the simulated manufacturer knows.
#include <memory>

#include "base/text.h"
#include "quotectl/option_values.h"
#include "quotectl/output.h"
#include "quotectl/sim_commands.h"
#include "quotectl/sim_drill.h"
#include "quotectl/sim_world.h"
#include "simulation/authority/drills.h"
#include "simulation/authority/platform_level.h"

namespace quoted::quotectl {
namespace {

using base::Result;
using base::text;
using simulation::PlatformIdentity;
using simulation::RegisteredPlatform;
using simulation::World;

struct PlatformOptions {
  DrillOptions drill;
  WorldOptions seed;
  std::string name;
  std::string pck_ca = "platform";
  std::optional<std::string> fmspc;
};

Result<std::string> manufacture(const PlatformOptions& options, World& world) {
  simulation::PlatformModel model = simulation::default_platform_model();
  model.name = options.name;
  model.pck_ca = *collateral::pck_ca_named(options.pck_ca);
  if (options.fmspc) {
    QUOTED_TRY(model.fmspc, parse_identifier<sgx::Fmspc>("--fmspc", *options.fmspc));
  }
  QUOTED_TRY(const simulation::MasterSeed seed, read_seed(options.seed));
  // Refuses names that no platform may have.
  QUOTED_TRY(const base::Bytes manifest, simulation::serialize_platform_manifest(seed, model));
  QUOTED_TRY(const PlatformIdentity identity, simulation::parse_platform_manifest(seed, manifest));
  QUOTED_TRY(const auto made, simulation::manufacture(seed, model));
  QUOTED_TRY(const bool added,
             simulation::add_platform(world, identity, made.ppid, base::SystemClock().now()));
  return text(added ? "registered: " : "known already: ", identity.name, ", PPID ", made.ppid.hex(),
              ", FMSPC ", identity.fmspc.hex(), ", ", options.pck_ca,
              " CA\nIts manifest, for 'POST /sgx/registration/v1/platform' elsewhere, in "
              "hexadecimal digits:\n",
              base::to_hex(manifest), '\n');
}

Result<ExitCode> list(const PlatformOptions& options) {
  QUOTED_TRY(const World world, load_world(options.drill));
  std::string out;
  for (const RegisteredPlatform& platform : world.platforms) {
    out +=
        text(platform.identity.name, "  ", platform.ppid.hex(), "  ", platform.identity.fmspc.hex(),
             "  ", collateral::pck_ca_name(platform.identity.pck_ca), '\n');
  }
  QUOTED_CHECK(print(out));
  return ExitCode::kSuccess;
}

Result<ExitCode> show(const PlatformOptions& options) {
  QUOTED_TRY(const World world, load_world(options.drill));
  QUOTED_TRY(const RegisteredPlatform* const platform, platform_of(world, options.name));
  QUOTED_TRY(const simulation::MasterSeed seed, read_seed(options.seed));
  QUOTED_TRY(const auto serials, simulation::pck_serials(seed, world, *platform));
  std::string out = text("name: ", platform->identity.name, "\nPPID: ", platform->ppid.hex(),
                         "\nFMSPC: ", platform->identity.fmspc.hex(),
                         "\nPCK CA: ", collateral::pck_ca_name(platform->identity.pck_ca),
                         "\nregistered: ", format_time(platform->registered), '\n');
  for (const sgx::QeId& id : platform->qe_ids) out += text("QE id: ", id.hex(), '\n');
  const simulation::TcbState& state = world.present.state;
  for (std::size_t i = 0; i < serials.size(); ++i) {
    const bool revoked = state.revoked_pcks.contains(serials[i]);
    out += text("PCK certificate: ", serials[i].hex(), ", ", level_text(state.levels[i]),
                revoked ? ", revoked\n" : "\n");
  }
  QUOTED_CHECK(print(out));
  return ExitCode::kSuccess;
}

}  // namespace

void add_sim_platform_command(CLI::App& sim, Action& chosen) {
  auto options = std::make_shared<PlatformOptions>();
  CLI::App* const platform =
      sim.add_subcommand("platform", "The machines that the simulated manufacturer knows");
  platform->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, bool needs_seed) {
    CLI::App* const command = platform->add_subcommand(name, help);
    add_drill_options(*command, options->drill);
    if (needs_seed) {
      add_seed_option(*command, options->seed);
      command->add_option("name", options->name, "Of the platform")->required();
    }
    return command;
  };
  CLI::App* const make = add("manufacture", "Make one and register it", true);
  make->add_option("--pck-ca", options->pck_ca, "CA of its PCK certificates")
      ->check(CLI::IsMember({"platform", "processor"}))
      ->capture_default_str();
  make->add_option("--fmspc", options->fmspc, "Its platform line; without it the default's")
      ->type_name("HEX");
  make->callback([options, &chosen] {
    chosen = [options] {
      return drill(options->drill, [&](World& world) { return manufacture(*options, world); });
    };
  });
  add("list", "Name, PPID, FMSPC and CA of each, a line for a platform", false)
      ->callback([options, &chosen] { chosen = [options] { return list(*options); }; });
  add("show", "One platform with its PCK certificates", true)->callback([options, &chosen] {
    chosen = [options] { return show(*options); };
  });
}

}  // namespace quoted::quotectl
