// The commands of quotectl, one file each, and what they share on the command line. A command adds
// its flags to the parser; when it is the one that was called, it puts what there is to do into
// `chosen`, so that nothing is done before the whole command line is known to be good.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/result.h"
#include "quotectl/exit_codes.h"

namespace quoted::quotectl {

using Action = std::function<base::Result<ExitCode>()>;

void add_report_command(CLI::App& app, Action& chosen);
void add_quote_command(CLI::App& app, Action& chosen);
void add_inspect_command(CLI::App& app, Action& chosen);
void add_verify_command(CLI::App& app, Action& chosen);
void add_collateral_command(CLI::App& app, Action& chosen);
// `collateral probe`, below that.
void add_probe_command(CLI::App& collateral, Action& chosen);
void add_sim_command(CLI::App& app, Action& chosen);
void add_policy_command(CLI::App& app, Action& chosen);
void add_status_command(CLI::App& app, Action& chosen);
void add_wire_command(CLI::App& app, Action& chosen);

// Parses the command line and does what it says. InvalidArgument names the flag at fault.
[[nodiscard]] base::Result<ExitCode> run_command_line(CLI::App& app, const Action& chosen, int argc,
                                                      const char* const* argv);

// --socket S, else $QUOTED_SOCKET, else the path of Intel's daemon.
void add_socket_option(CLI::App& command, std::string& socket);

}  // namespace quoted::quotectl
