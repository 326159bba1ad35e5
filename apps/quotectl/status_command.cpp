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

Json describe(const service::ServiceStatus& status) {
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
  return {{"version", status.version},
          {"platform", status.platform},
          {"pid", status.pid},
          {"node", status.node},
          {"certification", certification}};
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
    out["daemon"] = describe(status);
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
