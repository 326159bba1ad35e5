#include "quotectl/policy_verify.h"

#include <nlohmann/json.hpp>

#include "appraisal/policy_text.h"
#include "quotectl/describe_appraisal.h"
#include "quotectl/output.h"
#include "quotectl/render.h"

namespace quoted::quotectl {

using base::ErrorCode;
using base::fail;
using base::Result;

Result<std::optional<appraisal::Policy>> policy_for_verify(const std::optional<std::string>& file,
                                                           const PolicyFlags& flags) {
  if (!file) return std::nullopt;
  if (!flags.collateral) {
    return fail(ErrorCode::kInvalidArgument,
                "--policy needs --collateral: without it nothing is known of the platform's TCB");
  }
  if (flags.compat) {
    return fail(ErrorCode::kInvalidArgument,
                "--policy goes without --compat intel: a policy builds on the strict rules");
  }
  if (flags.allow_debug) {
    return fail(ErrorCode::kInvalidArgument,
                "--policy goes without --allow-debug: write 'allow_debug = true' into the policy's "
                "[[enclave]] or [[td]]");
  }
  QUOTED_TRY(appraisal::Policy policy, appraisal::load_policy(*file));
  return policy;
}

Result<ExitCode> print_appraised(const appraisal::Policy& policy, const std::string& file,
                                 const verification::Verdict& verdict, const PolicyOutput& output) {
  const appraisal::Appraisal appraisal = appraisal::appraise(policy, appraisal::facts_of(verdict));
  const Appraised appraised{policy, file, appraisal};
  QUOTED_CHECK(print(output.json ? render_json(appraised_json(verdict, appraised))
                                 : appraised_text(verdict, appraised, output.verbose)));
  return appraisal.accepted ? ExitCode::kSuccess : ExitCode::kRefused;
}

}  // namespace quoted::quotectl
