#include "preflight/wire_checks.h"

#include <gmock/gmock.h>

namespace quoted::preflight {
namespace {

using conformance::StepResult;
using Step = StepResult::Outcome;

StepResult step(const char* conversation, Step outcome, std::vector<std::string> findings = {}) {
  return {.client = "c",
          .conversation = conversation,
          .step = "s",
          .outcome = outcome,
          .findings = std::move(findings)};
}

TEST(WireChecks, OneLineForEachConversation) {
  const auto checks = wire_checks({step("a", Step::kPassed), step("a", Step::kPassed),
                                   step("b", Step::kNotRun, {"no quote_size is known"}),
                                   step("b", Step::kFailed, {"quote: too short", "more"}),
                                   step("b", Step::kFailed, {"x"}), step("c", Step::kPassed),
                                   step("c", Step::kAdvised, {"answer: late"}),
                                   step("d", Step::kNotRun, {"no enclave"})});
  ASSERT_EQ(checks.size(), 4U);
  EXPECT_EQ(checks[0].name, "wire c: a");
  EXPECT_EQ(checks[0].outcome, Outcome::kPassed);
  EXPECT_EQ(checks[1].outcome, Outcome::kFailed);
  EXPECT_EQ(checks[1].code, base::ErrorCode::kIncompatibleAnswer);
  EXPECT_EQ(checks[1].detail, "s: quote: too short (and 1 more); 1 other answers are wrong");
  EXPECT_EQ(checks[2].outcome, Outcome::kWarned);
  EXPECT_EQ(checks[2].detail, "s: answer: late");
  EXPECT_EQ(checks[3].outcome, Outcome::kNotRun);
}

}  // namespace
}  // namespace quoted::preflight
