// quotectl: one command for people and scripts around SGX quotes.
#include <csignal>
#include <exception>

#include "quotectl/commands.h"
#include "quotectl/output.h"

int main(int argc, char** argv) {
  using namespace quoted;
  quotectl::claim_standard_descriptors();
  // A reader that leaves early is an error to report, not a death.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));

  base::Result<quotectl::ExitCode> result = quotectl::ExitCode::kError;
  try {
    CLI::App app("Make, inspect and verify SGX quotes.", "quotectl");
    app.set_version_flag("--version", "quotectl " QUOTED_VERSION);
    quotectl::Action chosen;
    quotectl::add_report_command(app, chosen);
    quotectl::add_quote_command(app, chosen);
    quotectl::add_inspect_command(app, chosen);
    quotectl::add_verify_command(app, chosen);
    quotectl::add_policy_command(app, chosen);
    quotectl::add_collateral_command(app, chosen);
    quotectl::add_sim_command(app, chosen);
    quotectl::add_status_command(app, chosen);
    quotectl::add_wire_command(app, chosen);
    result = quotectl::run_command_line(app, chosen, argc, argv);
  } catch (const std::exception& defect) {
    result = base::fail(base::ErrorCode::kInternal, defect.what());
  }
  if (!result) {
    quotectl::complain(result.error());
    return static_cast<int>(quotectl::ExitCode::kError);
  }
  return static_cast<int>(*result);
}
