// quotectl sim collateral: what a verifier needs beside a quote of a simulated world, as files.
#include <filesystem>
#include <memory>

#include "base/text.h"
#include "quotectl/option_values.h"
#include "quotectl/output.h"
#include "quotectl/sim_commands.h"
#include "quotectl/sim_state_options.h"
#include "quotectl/sim_world.h"
#include "simulation/authority/collateral_issuer.h"

namespace quoted::quotectl {
namespace {

using base::Result;
using base::text;
using simulation::PckCa;
using simulation::TcbInfoVersion;

constexpr std::string_view kPlatform = "platform";
constexpr std::string_view kProcessor = "processor";

struct CollateralOptions {
  WorldOptions world;
  StateOptions state;
  std::string out;
  std::optional<std::string> time;
  std::optional<std::string> fmspc;
  std::string platform_ca{kPlatform};
  int tcb_info_version = static_cast<int>(TcbInfoVersion::k3);
};

struct OutputFile {
  std::string_view name;
  base::Bytes content;
};

Result<simulation::PlatformModel> wanted_model(const CollateralOptions& options) {
  simulation::PlatformModel model = simulation::default_platform_model();
  model.pck_ca = options.platform_ca == kPlatform ? PckCa::kPlatform : PckCa::kProcessor;
  if (options.fmspc) {
    QUOTED_TRY(model.fmspc, parse_identifier<sgx::Fmspc>("--fmspc", *options.fmspc));
  }
  return model;
}

Result<std::vector<OutputFile>> make_files(const simulation::CertificateAuthority& authority,
                                           const simulation::CollateralIssuer& issuer,
                                           const simulation::PlatformModel& model,
                                           TcbInfoVersion version) {
  const auto bytes = [](const std::string& text) { return base::to_bytes(base::as_bytes(text)); };
  QUOTED_TRY(const std::string tcb_info, issuer.tcb_info(model.fmspc, version));
  QUOTED_TRY(const std::string qe_identity, issuer.qe_identity());
  QUOTED_TRY(base::Bytes pck_crl, issuer.pck_crl(model.pck_ca));
  QUOTED_TRY(base::Bytes root_crl, issuer.root_crl());
  const base::Bytes tcb_chain = bytes(authority.tcb_issuer_chain_pem());
  return std::vector<OutputFile>{
      {"tcb_info.json", bytes(tcb_info)},
      {"tcb_info_issuer_chain.pem", tcb_chain},
      {"qe_identity.json", bytes(qe_identity)},
      {"qe_identity_issuer_chain.pem", tcb_chain},
      {"pck_crl.der", std::move(pck_crl)},
      {"pck_crl_issuer_chain.pem", bytes(authority.pck_issuer_chain_pem(model.pck_ca))},
      {"root_ca_crl.der", std::move(root_crl)},
      {"root.pem", bytes(authority.root().pem())}};
}

base::Status write_files(const std::string& directory, const std::vector<OutputFile>& files) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return base::fail(base::ErrorCode::kFileUnwritable,
                      text("cannot make the directory ", directory, ": ", error.message()));
  }
  for (const auto& [name, content] : files) {
    QUOTED_CHECK(write_output_file(std::filesystem::path(directory) / name, content));
  }
  return {};
}

Result<ExitCode> run(const CollateralOptions& options) {
  QUOTED_TRY(const simulation::PlatformModel model, wanted_model(options));
  QUOTED_TRY(const simulation::MasterSeed seed, read_seed(options.world));
  QUOTED_TRY(simulation::TcbState state, chosen_state(options.state, seed, model));
  base::UnixTime now = base::SystemClock().now();
  if (options.time) {
    QUOTED_TRY(now, parse_time("--time", *options.time));
    state.issue_date = now;
  }
  QUOTED_TRY(const simulation::CertificateAuthority authority,
             chosen_authority(options.world, seed, now));
  QUOTED_TRY(const simulation::CollateralIssuer issuer,
             simulation::CollateralIssuer::create(authority, std::move(state), now));
  QUOTED_TRY(
      const std::vector<OutputFile> files,
      make_files(authority, issuer, model, static_cast<TcbInfoVersion>(options.tcb_info_version)));
  QUOTED_CHECK(write_files(options.out, files));
  warn_simulated(text("collateral of a simulated world written to ", options.out,
                      development_seed_warning(options.world)));
  if (!options.world.state_dir) {
    note(
        "it does not fit quotes of a daemon, which carry a root certificate with another "
        "signature; "
        "for those give the daemon's --state-dir");
  }
  return ExitCode::kSuccess;
}

}  // namespace

void add_sim_collateral_command(CLI::App& sim, Action& chosen) {
  auto options = std::make_shared<CollateralOptions>();
  CLI::App* const command = sim.add_subcommand(
      "collateral", "Write what a verifier needs beside a quote of a simulated world");
  command
      ->add_option("--out", options->out,
                   "Where tcb_info.json, qe_identity.json, pck_crl.der, root_ca_crl.der, their "
                   "issuer chains and root.pem go; made when missing")
      ->type_name("DIR")
      ->required();
  add_world_options(
      *command, options->world,
      "Take the certificates that the daemon of this state directory issued. Needed "
      "for its quotes: verifiers compare the signature of the root certificate, which "
      "is random");
  command
      ->add_option("--time", options->time,
                   "Time of issue; without it that of the TCB state, else now")
      ->type_name("TIME");
  command
      ->add_option("--fmspc", options->fmspc,
                   "Platform line of the TCB info, 6 bytes; without it the default platform's")
      ->type_name("HEX");
  command->add_option("--platform-ca", options->platform_ca, "CA of the PCK certificates")
      ->check(CLI::IsMember({std::string(kPlatform), std::string(kProcessor)}))
      ->capture_default_str();
  command
      ->add_option("--tcb-info-version", options->tcb_info_version,
                   "Version of the TCB info: 3, or 2 as API version 3 serves it")
      ->check(CLI::IsMember({2, 3}))
      ->capture_default_str();
  add_state_options(*command, options->state);
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
