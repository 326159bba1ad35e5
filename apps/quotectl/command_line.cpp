#include "base/text.h"
#include "quotectl/commands.h"
#include "quotectl/output.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

// The parser looks for what is missing before it complains about what it does not know; a misspelt
// flag would be reported as the absence of another.
std::string reason(const CLI::App& app, const CLI::ParseError& error) {
  const auto unknown = app.remaining(true);
  if (unknown.empty()) return error.what();
  return text("unknown argument '", unknown.front(), "'");
}

// Else an argument that is named like a command, a file "quote" say, is taken for that command.
void expect_one_command(CLI::App& app) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  if (commands.empty()) return;
  if (app.get_require_subcommand_max() == 0) app.require_subcommand(0, 1);
  for (CLI::App* const command : commands) expect_one_command(*command);
}

}  // namespace

Result<ExitCode> run_command_line(CLI::App& app, const Action& chosen, int argc,
                                  const char* const* argv) {
  expect_one_command(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    QUOTED_CHECK(print(app.help()));
    return ExitCode::kSuccess;
  } catch (const CLI::CallForVersion& version) {
    QUOTED_CHECK(print(text(version.what(), '\n')));
    return ExitCode::kSuccess;
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::kInvalidArgument, reason(app, error));
  }
  if (!chosen) {
    return fail(ErrorCode::kInvalidArgument,
                "no command; give one of: report, quote, inspect, verify, policy check, policy "
                "test, collateral bundle, collateral show, sim root, sim collateral, sim status, "
                "sim upgrade, sim provision, sim tcb-recovery, sim identity, sim advisory, sim "
                "revoke, sim expire, "
                "sim platform, sim fault, wire record, wire show, wire replay");
  }
  return chosen();
}

void add_socket_option(CLI::App& command, std::string& socket) {
  socket = "/var/run/aesmd/aesm.socket";
  command.add_option("--socket", socket, "Socket of the daemon")
      ->envname("QUOTED_SOCKET")
      ->type_name("PATH")
      ->capture_default_str();
}

}  // namespace quoted::quotectl
