#include "quotectl/sim_state_options.h"

#include <algorithm>

#include "base/hex.h"
#include "base/text.h"
#include "simulation/authority/tcb_state_file.h"
#include "simulation/qe3/qe3.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using simulation::RevocableIssuer;
using simulation::TcbState;

constexpr std::string_view kPck = "pck";
constexpr std::string_view kIntermediate = "intermediate";
constexpr std::string_view kTcbSigning = "tcb-signing";

// The certificate that the daemon's quotes carry.
Result<crypto::SerialNumber> own_pck_serial(const simulation::MasterSeed& seed,
                                            const simulation::PlatformModel& model) {
  QUOTED_TRY(const simulation::ManufacturedPlatform platform, simulation::manufacture(seed, model));
  QUOTED_TRY(const collateral::SgxExtension description,
             simulation::describe_platform(seed, platform, {model.cpu_svn, model.pce_isv_svn}));
  return simulation::pck_serial(description, seed);
}

Status revoke(TcbState& state, const StateOptions& options, const simulation::MasterSeed& seed,
              const simulation::PlatformModel& model) {
  for (const std::string& what : options.revoke) {
    if (what == kPck) {
      QUOTED_TRY(const crypto::SerialNumber serial, own_pck_serial(seed, model));
      state.revoked_pcks.insert(serial);
    } else if (what == kTcbSigning) {
      state.revoked_issuers.insert(RevocableIssuer::kTcbSigning);
    } else {
      state.revoked_issuers.insert(model.pck_ca == simulation::PckCa::kPlatform
                                       ? RevocableIssuer::kPlatformCa
                                       : RevocableIssuer::kProcessorCa);
    }
  }
  for (const std::string& digits : options.revoke_serials) {
    QUOTED_TRY(const crypto::SerialNumber serial, parse_serial("--revoke-serial", digits));
    state.revoked_pcks.insert(serial);
  }
  return {};
}

Status move_levels(TcbState& state, const StateOptions& options,
                   const simulation::PlatformModel& model) {
  if (options.status || !options.advisories.empty()) {
    simulation::TcbLevel* const level =
        simulation::level_of(state, simulation::components_of(model.cpu_svn), model.pce_isv_svn);
    if (level == nullptr) {
      return fail(ErrorCode::kInvalidArgument,
                  "--status and --advisory are about the level of the default platform, for which "
                  "the TCB state has none");
    }
    if (options.status) level->verdict.status = *collateral::parse_tcb_status(*options.status);
    std::ranges::copy(options.advisories, std::back_inserter(level->verdict.advisory_ids));
  }
  if (options.qe_status) {
    simulation::QeLevel* const level =
        simulation::qe_level_of(state, simulation::kSimulatedQeIsvSvn);
    if (level == nullptr) {
      return fail(ErrorCode::kInvalidArgument,
                  "--qe-status is about the level of the simulated QE, for which the TCB state has "
                  "none");
    }
    level->verdict.status = *collateral::parse_tcb_status(*options.qe_status);
  }
  return {};
}

}  // namespace

Result<crypto::SerialNumber> parse_serial(std::string_view flag, std::string_view digits) {
  auto bytes = base::from_hex(digits);
  if (!bytes) return fail(std::move(bytes).error().with_context(std::string(flag)));
  constexpr std::size_t kSize = crypto::SerialNumber::kSize;
  if (bytes->empty() || bytes->size() > kSize) {
    return fail(ErrorCode::kInvalidArgument,
                text(flag, " takes 1 to ", kSize, " bytes, got ", bytes->size()));
  }
  base::Bytes padded(kSize - bytes->size());
  base::append(padded, *bytes);
  return crypto::SerialNumber::parse(padded);
}

void add_state_options(CLI::App& command, StateOptions& options) {
  command
      .add_option("--tcb-state", options.file,
                  "State of the world, JSON; without it that of a fresh one. The flags below move "
                  "it for this run and leave the file alone")
      ->type_name("FILE");
  command.add_option("--status", options.status, "Status of the default platform's TCB level")
      ->check(CLI::IsMember(simulation::platform_status_names()));
  command.add_option("--qe-status", options.qe_status, "Status of the simulated QE's TCB level")
      ->check(CLI::IsMember(simulation::qe_status_names()));
  command
      .add_option("--advisory", options.advisories,
                  "Adds an advisory to the default platform's TCB level; may be repeated")
      ->type_name("ID")
      ->allow_extra_args(false);
  command
      .add_option("--revoke", options.revoke,
                  "Revokes the default platform's PCK certificate, the CA that issued it, or the "
                  "signer of TCB documents; may be repeated")
      ->check(
          CLI::IsMember({std::string(kPck), std::string(kIntermediate), std::string(kTcbSigning)}))
      ->allow_extra_args(false);
  command
      .add_option("--revoke-serial", options.revoke_serials,
                  "Revokes the PCK certificate with this serial; may be repeated")
      ->type_name("HEX")
      ->allow_extra_args(false);
  command.add_option("--evaluation-number", options.evaluation_number,
                     "TCB evaluation data number of TCB info and QE identity");
  command
      .add_option("--valid-days", options.valid_days,
                  "Days until nextUpdate; the root CRL lasts a year at least")
      ->check(CLI::Range(1U, simulation::kMaxValidDays));
}

Result<TcbState> chosen_state(const StateOptions& options, const simulation::MasterSeed& seed,
                              const simulation::PlatformModel& model) {
  TcbState state = simulation::default_tcb_state(model);
  if (options.file) {
    QUOTED_TRY(state, simulation::load_tcb_state(*options.file));
  }
  QUOTED_CHECK(move_levels(state, options, model));
  QUOTED_CHECK(revoke(state, options, seed, model));
  state.evaluation_number = options.evaluation_number.value_or(state.evaluation_number);
  state.valid_days = options.valid_days.value_or(state.valid_days);
  return state;
}

}  // namespace quoted::quotectl
