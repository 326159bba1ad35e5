#include "appraisal/explain.h"
#include "appraisal/policy_text.h"
#include "base/file.h"
#include "base/text.h"
#include "config/toml_text.h"
#include "quotectl/describe_appraisal.h"
#include "quotectl/output.h"
#include "quotectl/policy_commands.h"
#include "quotectl/render.h"

namespace quoted::quotectl {

using base::Result;
using base::text;

Result<ExitCode> check_policies(const PolicyCheckOptions& options) {
  std::string out;
  bool good = true;
  for (const std::string& file : options.files) {
    QUOTED_TRY(const base::Bytes content, base::read_file(file, config::kMaxTextSize));
    config::Mistakes mistakes;
    const auto policy = appraisal::parse_policy(base::as_text(content), mistakes);
    if (!policy) {
      good = false;
      out += text(mistakes.lines(printable(file)), '\n', printable(file), ": ", mistakes.count(),
                  mistakes.count() == 1 ? " mistake\n" : " mistakes\n");
      continue;
    }
    out += text(policy_label(*policy, file), ": good\n");
    for (const std::string& sentence : appraisal::explain(*policy)) {
      out += text("  ", sentence, '\n');
    }
  }
  QUOTED_CHECK(print(out));
  return good ? ExitCode::kSuccess : ExitCode::kInvalidPolicy;
}

}  // namespace quoted::quotectl
