// The subcommands of `quotectl policy`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "quotectl/exit_codes.h"

namespace quoted::quotectl {

struct PolicyCheckOptions {
  std::vector<std::string> files;
};

struct PolicyTestOptions {
  std::string policy;
  std::vector<std::string> verdicts;  // files, or directories of them
  std::optional<std::string> expect;  // "accept" or "refuse"
};

[[nodiscard]] base::Result<ExitCode> check_policies(const PolicyCheckOptions& options);
[[nodiscard]] base::Result<ExitCode> test_policy(const PolicyTestOptions& options);

}  // namespace quoted::quotectl
