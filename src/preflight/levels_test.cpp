#include "preflight/levels.h"

#include <gmock/gmock.h>

namespace quoted::preflight {
namespace {

using ::testing::HasSubstr;

NodeLevel level(int byte3, std::uint16_t pce, std::uint16_t qe) {
  NodeLevel out;
  out.cpu_svn.mutable_view()[3] = static_cast<std::byte>(byte3);
  out.pce_isv_svn = pce;
  out.qe_isv_svn = qe;
  return out;
}

TEST(Levels, ReadsWhatADaemonWrites) {
  const NodeLevel some = level(11, 13, 65535);
  EXPECT_EQ(parse_level(to_text(some)).value(), some);
}

TEST(Levels, RefusesWhatNoDaemonWrites) {
  const std::string good = to_text(level(1, 13, 8));
  for (const std::string& bad :
       {std::string(), std::string("CPUSVN 00"), good + " ", good.substr(0, good.size() - 1),
        "x" + good, to_text(level(1, 13, 8)).replace(7, 1, "g"),
        std::string("CPUSVN 00000000000000000000000000000000, PCE 70000, QE 8"),
        std::string("CPUSVN 00000000000000000000000000000000, PCE 7 QE 8")}) {
    EXPECT_FALSE(parse_level(bad)) << bad;
  }
}

TEST(Levels, NamesEveryLowerPart) {
  EXPECT_EQ(lower_parts(level(5, 13, 8), level(5, 13, 8)), "");
  EXPECT_EQ(lower_parts(level(6, 14, 9), level(5, 13, 8)), "");
  EXPECT_EQ(lower_parts(level(4, 12, 7), level(5, 13, 8)),
            "CPUSVN byte 3 4 < 5, PCE 12 < 13, QE 7 < 8");
  EXPECT_EQ(lower_parts(level(9, 13, 7), level(5, 13, 8)), "QE 7 < 8");
}

TEST(Levels, AnUpgradeTakenBackIsADowngrade) {
  const simulation::NodeState state = {
      .present = level(4, 14, 8), .previous = level(5, 13, 8), .upgraded_at = base::UnixTime()};
  EXPECT_EQ(newest_of(state), level(5, 14, 8));
  const Check check =
      downgrade_check(state.present, Incumbent{.where = "the state", .level = newest_of(state)});
  EXPECT_EQ(check.outcome, Outcome::kFailed);
  EXPECT_EQ(check.code, base::ErrorCode::kSvnDowngrade);
  EXPECT_THAT(check.detail, HasSubstr("CPUSVN byte 3 4 < 5 of the state"));
}

TEST(Levels, EverythingThatIsKnownCounts) {
  const Incumbent service = {.where = "the service", .level = level(5, 13, 8)};
  const Incumbent stored = {.where = "the state", .level = level(4, 15, 8)};
  const base::Result<Incumbent> nothing = base::fail(base::ErrorCode::kInternal, "why");
  const auto both = joined(service, stored);
  EXPECT_EQ(both->level, level(5, 15, 8));
  EXPECT_EQ(both->where, "the service and the state");
  EXPECT_EQ(joined(service, nothing)->where, "the service");
  EXPECT_EQ(joined(nothing, stored)->where, "the state");
  EXPECT_EQ(joined(nothing, base::fail(base::ErrorCode::kInternal, "x")).error().message(), "why");
}

TEST(Levels, WithoutAnIncumbentThereIsNothingToCompare) {
  EXPECT_EQ(downgrade_check(level(1, 1, 1), base::fail(base::ErrorCode::kInternal, "why")).outcome,
            Outcome::kNotRun);
  EXPECT_EQ(
      downgrade_check(level(1, 1, 1), Incumbent{.where = "x", .level = level(1, 1, 0)}).outcome,
      Outcome::kPassed);
}

}  // namespace
}  // namespace quoted::preflight
