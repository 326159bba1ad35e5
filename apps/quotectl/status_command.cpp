// quotectl status: what the daemon of a socket says of itself, and whether it answers.
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "aesm/client.h"
#include "base/text.h"
#include "quotectl/commands.h"
#include "quotectl/option_values.h"
#include "quotectl/output.h"
#include "quotectl/render.h"
#include "service/status_file.h"
#include "simulation/epc/epc_ledger.h"

namespace quoted::quotectl {
namespace {

using base::Result;
using base::text;

struct StatusOptions {
  std::string socket;
  bool json = false;
};

// The answer to the one question that needs no certificate.
Json ask_daemon(const std::string& socket, bool& answers) {
  const auto ids = aesm::Client(socket).supported_key_ids();
  answers = ids.has_value();
  if (answers) return {{"path", socket}, {"answers", true}};
  return {{"path", socket},
          {"answers", false},
          {"reason", ids.error().summary()},
          {"remedy", ids.error().entry().remedy}};
}

using simulation::mebibytes_text;

std::uint64_t at_least_zero(std::int64_t value) {
  return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

// For scripts in bytes, for people in two lines.
Json describe(const service::EpcStatus& epc, bool for_scripts) {
  Json processes = Json::array();
  std::string words;
  for (const auto& one : epc.largest) {
    processes.push_back({{"pid", one.pid}, {"bytes", one.bytes}});
    words += text(words.empty() ? "" : ", ", mebibytes_text(at_least_zero(one.bytes)), " by ",
                  one.pid == 0 ? std::string("a process elsewhere") : text("pid ", one.pid));
  }
  if (for_scripts) {
    return {
        {"size", epc.size},
        {"own", epc.own},
        {"others", {{"count", epc.others}, {"bytes", epc.others_bytes}, {"largest", processes}}}};
  }
  const auto unnamed = epc.others - static_cast<std::int64_t>(epc.largest.size());
  if (unnamed > 0) words += text(" and ", unnamed, " more");
  const std::uint64_t own = at_least_zero(epc.own);
  const std::uint64_t others = at_least_zero(epc.others_bytes);
  Json out = {{"in_use",
               text(mebibytes_text(own + others), " of ", mebibytes_text(at_least_zero(epc.size)),
                    ": ", mebibytes_text(own), " by this service, ", mebibytes_text(others), " by ",
                    epc.others, epc.others == 1 ? " other process" : " other processes")}};
  if (!words.empty()) out["others"] = words;
  return out;
}

Json describe(const service::ServiceStatus& status, bool for_scripts) {
  Json certification = {{"state", status.state}, {"since", format_time(status.since)}};
  if (status.reason) certification["reason"] = *status.reason;
  if (status.remedy) certification["remedy"] = *status.remedy;
  certification["source"] =
      status.source.empty() ? "the manufacturer in the daemon itself" : status.source;
  if (status.fetched) certification["fetched"] = format_time(*status.fetched);
  if (status.refresh_at) certification["next_refresh"] = format_time(*status.refresh_at);
  if (status.tcb) {
    certification["certified_tcb"] = {{"cpu_svn", status.tcb->cpu_svn},
                                      {"pce_isv_svn", status.tcb->pce_isv_svn},
                                      {"fmspc", status.tcb->fmspc}};
  }
  Json out = {{"version", status.version},
              {"platform", status.platform},
              {"pid", status.pid},
              {"node", status.node},
              {"certification", certification}};
  if (status.epc) out["epc"] = describe(*status.epc, for_scripts);
  return out;
}

Result<ExitCode> run(const StatusOptions& options) {
  const auto file =
      std::filesystem::path(options.socket).parent_path() / std::string(service::kStatusFileName);
  bool answers = false;
  Json out = {{"socket", ask_daemon(options.socket, answers)}};
  bool can_quote = answers;
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    QUOTED_TRY(const service::ServiceStatus status, service::read_status(file));
    out["daemon"] = describe(status, options.json);
    can_quote = answers && (status.state == "certified" || status.state == "stale");
    if (status.simulated) warn_simulated("the daemon's platform is a simulated one");
  } else {
    note(text("no ", file.native(),
              ": this daemon is not quoted, is older, or its directory is not the socket's"));
  }
  out["can_quote"] = can_quote;
  QUOTED_CHECK(print(options.json ? render_json(out) : render_text(out)));
  return can_quote ? ExitCode::kSuccess : ExitCode::kNotReady;
}

}  // namespace

void add_status_command(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* const command =
      app.add_subcommand("status", "Whether a daemon answers and can quote, and why not");
  add_socket_option(*command, options->socket);
  command->add_flag("--json", options->json, "For scripts");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace quoted::quotectl
