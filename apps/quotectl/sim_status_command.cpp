// quotectl sim status: a simulated world in one screen.
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "quotectl/describe_sgx.h"
#include "quotectl/option_values.h"
#include "quotectl/output.h"
#include "quotectl/render.h"
#include "quotectl/sim_commands.h"
#include "quotectl/sim_drill.h"
#include "simulation/authority/platform_level.h"

namespace quoted::quotectl {
namespace {

using base::Result;
using base::text;
using simulation::Edition;
using simulation::TcbState;
using simulation::TcbVerdict;
using simulation::World;

struct StatusOptions {
  DrillOptions drill;
  bool json = false;
};

Json verdict_json(Json out, const TcbVerdict& verdict) {
  out["status"] = std::string(collateral::tcb_status_name(verdict.status));
  out["tcb_date"] = format_time(verdict.tcb_date);
  out["advisories"] = verdict.advisory_ids;
  return out;
}

Json levels_json(const TcbState& state) {
  Json out = Json::array();
  for (const auto& level : state.levels) {
    Json entry;
    entry["cpu_svn"] = simulation::psvn_of(level).cpu_svn.hex();
    entry["pce_svn"] = level.pce_svn;
    out.push_back(verdict_json(std::move(entry), level.verdict));
  }
  return out;
}

Json qe_levels_json(const TcbState& state) {
  Json out = Json::array();
  for (const auto& level : state.qe_levels) {
    Json entry;
    entry["isv_svn"] = level.isv_svn;
    out.push_back(verdict_json(std::move(entry), level.verdict));
  }
  return out;
}

Json world_json(const World& world, base::UnixTime now) {
  const TcbState& state = world.present.state;
  Json out;
  out["notice"] = "SIMULATED-NO-SECURITY";
  out["evaluation_number"] = state.evaluation_number;
  out["standard_number"] = world.standard(now).state.evaluation_number;
  out["earlier_numbers"] = Json::array();
  for (const Edition& edition : world.earlier) {
    out["earlier_numbers"].push_back(edition.state.evaluation_number);
  }
  out["retired_numbers"] = world.retired_numbers;
  out["tcb_levels"] = levels_json(state);
  out["qe_levels"] = qe_levels_json(state);
  out["documents_valid_days"] = state.valid_days;
  if (state.issue_date) out["documents_issued"] = format_time(*state.issue_date);
  out["revoked_pcks"] = Json::array();
  for (const auto& serial : state.revoked_pcks) out["revoked_pcks"].push_back(serial.hex());
  out["revoked_issuers"] = Json::array();
  for (const auto issuer : state.revoked_issuers) {
    out["revoked_issuers"].push_back(std::string(simulation::issuer_name(issuer)));
  }
  out["platforms"] = Json::array();
  for (const auto& platform : world.platforms) {
    Json& entry = out["platforms"].emplace_back();
    entry["name"] = platform.identity.name;
    entry["fmspc"] = platform.identity.fmspc.hex();
    entry["pck_ca"] = std::string(collateral::pck_ca_name(platform.identity.pck_ca));
    entry["ppid"] = platform.ppid.hex();
    entry["registered"] = format_time(platform.registered);
    entry["qe_ids"] = platform.qe_ids.size();
  }
  out["faults"] = Json::array();
  for (const auto& fault : world.faults) {
    Json& entry = out["faults"].emplace_back();
    entry["endpoint"] = std::string(simulation::endpoint_name(fault.endpoint));
    entry["fault"] = std::string(simulation::fault_name(fault.kind));
    if (fault.remaining) entry["remaining"] = *fault.remaining;
  }
  return out;
}

std::string joined(const Json& values, std::string_view none) {
  std::string out;
  for (const Json& value : values) {
    out +=
        text(out.empty() ? "" : " ", value.is_string() ? value.get<std::string>() : value.dump());
  }
  return out.empty() ? std::string(none) : out;
}

std::string verdict_text(const Json& level) {
  return text(level["status"].get<std::string>(), " of ",
              level["tcb_date"].get<std::string>().substr(0, 10),
              level["advisories"].empty() ? "" : "  ", joined(level["advisories"], ""), '\n');
}

std::string screen(const Json& world) {
  std::string out =
      text("SIMULATED-NO-SECURITY\nevaluation number  ", world["evaluation_number"].dump(),
           ", standard ", world["standard_number"].dump(), ", earlier ",
           joined(world["earlier_numbers"], "none"), ", retired ",
           joined(world["retired_numbers"], "none"), "\n");
  for (const Json& level : world["tcb_levels"]) {
    out += text("TCB level          CPUSVN ", level["cpu_svn"].get<std::string>(), " PCESVN ",
                level["pce_svn"].dump(), "  ", verdict_text(level));
  }
  for (const Json& level : world["qe_levels"]) {
    out += text("QE level           ISVSVN ", level["isv_svn"].dump(), "  ", verdict_text(level));
  }
  out += text("documents          valid for ", world["documents_valid_days"].dump(), " days",
              world.contains("documents_issued")
                  ? text(", issued ", world["documents_issued"].get<std::string>())
                  : "",
              "\nrevoked            PCK certificates ", world["revoked_pcks"].size(), ", issuers ",
              joined(world["revoked_issuers"], "none"), "\nplatforms          ",
              world["platforms"].size(), '\n');
  for (const Json& platform : world["platforms"]) {
    out += text("  ", platform["name"].get<std::string>(), "  FMSPC ",
                platform["fmspc"].get<std::string>(), ", ", platform["pck_ca"].get<std::string>(),
                " CA, PPID ", platform["ppid"].get<std::string>(), '\n');
  }
  out += text("faults             ", world["faults"].empty() ? "none\n" : "\n");
  for (const Json& fault : world["faults"]) {
    out += text(
        "  ", fault["endpoint"].get<std::string>(), ": ", fault["fault"].get<std::string>(),
        fault.contains("remaining") ? text(", ", fault["remaining"].dump(), " times more") : "",
        '\n');
  }
  return out;
}

Result<ExitCode> run(const StatusOptions& options) {
  QUOTED_TRY(const World world, load_world(options.drill));
  const Json described = world_json(world, base::SystemClock().now());
  QUOTED_CHECK(print(options.json ? render_json(described) : screen(described)));
  return ExitCode::kSuccess;
}

}  // namespace

void add_sim_status_command(CLI::App& sim, Action& chosen) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* const command =
      sim.add_subcommand("status", "Show what the simulated manufacturer says at present");
  add_drill_options(*command, options->drill);
  command->add_flag("--json", options->json, "For scripts");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
