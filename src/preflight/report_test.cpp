#include "preflight/report.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace quoted::preflight {
namespace {

using base::ErrorCode;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(PreflightReport, PassesWhenNothingFailed) {
  Report report;
  report.add(passed("start", "serves"));
  report.add(not_run("no SVN downgrade", "nothing runs"));
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.text(),
            "start             passed   serves\n"
            "no SVN downgrade  not run  nothing runs\n"
            "PREFLIGHT: PASSED (1 passed, 0 warned, 0 failed, 1 not run)\n");
}

TEST(PreflightReport, FailsWithOneThatFailed) {
  Report report;
  report.add({passed("a", ""), failed("b", ErrorCode::kSvnDowngrade, "PCE 1 < 2")});
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(report.text(), HasSubstr("b  FAILED   QD7202: PCE 1 < 2\n"));
  EXPECT_THAT(report.text(), HasSubstr("PREFLIGHT: FAILED (1 passed, 0 warned, 1 failed"));
  const auto json = nlohmann::json::parse(report.json());
  EXPECT_EQ(json["passed"], false);
  EXPECT_EQ(json["checks"][1]["result"], "failed");
  EXPECT_EQ(json["checks"][1]["code"], "QD7202");
  EXPECT_FALSE(json["checks"][0].contains("code"));
}

TEST(PreflightReport, NothingLookedAtIsNotPassed) {
  Report report;
  EXPECT_FALSE(report.passed());
  report.add(not_run("a", ""));
  EXPECT_FALSE(report.passed());
}

}  // namespace
}  // namespace quoted::preflight
