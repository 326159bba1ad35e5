#include "common/command_line.h"

#include <exception>

#include "base/text.h"

namespace quoted::sample {

using base::ErrorCode;
using base::fail;
using base::Result;

Result<std::string> parse_or_help(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return app.help();
  } catch (const CLI::ParseError& error) {
    return fail(ErrorCode::kInvalidArgument, error.what());
  }
  return std::string();
}

void add_timeout_option(CLI::App& app, long& milliseconds) {
  app.add_option("--timeout", milliseconds, "How long to wait for the other side's next message")
      ->type_name("MS")
      ->capture_default_str();
}

Result<Milliseconds> parse_timeout(std::string_view flag, long milliseconds) {
  constexpr Milliseconds kMost = std::chrono::hours(1);
  if (milliseconds < 0 || milliseconds > kMost.count()) {
    return fail(ErrorCode::kInvalidArgument, base::text(flag, " takes 0 to ", kMost.count(),
                                                        " milliseconds, got ", milliseconds));
  }
  return Milliseconds(milliseconds);
}

int run_program(const Transcript& tell, const std::function<Result<ExitCode>()>& program) {
  Result<ExitCode> result = ExitCode::kError;
  try {
    result = program();
  } catch (const std::exception& defect) {
    result = fail(ErrorCode::kInternal, defect.what());
  }
  if (!result) {
    tell.error(result.error());
    return static_cast<int>(ExitCode::kError);
  }
  return static_cast<int>(*result);
}

}  // namespace quoted::sample
