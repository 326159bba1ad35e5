// Every rule of the verifier meets a forgery that only this rule catches. scripts/test-rules
// switches the rules off one by one and demands that these tests notice.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "verification/testing/forgeries.h"
#include "verification/testing/step_forgeries.h"
#include "verification/testing/test_platform.h"

namespace quoted::verification {
namespace {

using collateral::QvlStatus;
using ::testing::ElementsAreArray;
using testing::Forge;
using testing::Forged;
using testing::Forgery;
using ::testing::IsSupersetOf;
using testing::StepForgery;

std::string test_name(const std::string& rule, const std::string& what) {
  std::string out = rule + "__" + what;
  for (char& c : out) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return out;
}

std::vector<std::string> flaws(const CheckList& checks) {
  std::vector<std::string> out;
  for (const Check& check : checks) {
    if (check.outcome == CheckOutcome::kFailed || check.outcome == CheckOutcome::kWarned) {
      out.emplace_back(check.name);
    }
  }
  return out;
}

const Check* find(const CheckList& checks, const std::string& name) {
  const auto found = std::ranges::find(checks, name, &Check::name);
  return found == checks.end() ? nullptr : &*found;
}

bool is_strict(const std::string& rule) { return rule.starts_with("strict."); }

struct Judged {
  Forged forged;
  Verdict intel;
};

// Made once for all tests of a row: scripts/test-rules runs them a hundred times.
const Judged& judged(const Forgery& row) {
  static std::map<std::string, Judged> all;
  const std::string name = test_name(row.flaws.front(), row.what);
  if (const auto found = all.find(name); found != all.end()) return found->second;
  Forged forged = row.forged();
  Verdict intel = forged.verdict(Mode::kIntel);
  return all.emplace(name, Judged{std::move(forged), std::move(intel)}).first->second;
}

class ForgeryTest : public ::testing::TestWithParam<Forgery> {
 protected:
  const Forgery& row = GetParam();
  const std::string& rule = row.flaws.front();
};

// What each step says of a forgery: none where the call ended before, Ok where nothing was wrong
// (quote-verification 15). For later flaws than the first only that there is one.
void expect_steps(const StepStatuses& steps, const Forgery& row) {
  const std::array<std::pair<std::string, std::optional<QvlStatus>>, 4> all{
      {{"pck.", steps.pck},
       {"tcb_info.", steps.tcb_info},
       {"qe_identity.", steps.qe_identity},
       {"quote.", steps.quote}}};
  const bool ends = row.intel_return != QvReturn::kSuccess;
  bool ended = row.flaws.front().starts_with("input.");
  for (const auto& [prefix, status] : all) {
    const auto flaw = std::ranges::find_if(
        row.flaws, [&](const std::string& name) { return name.starts_with(prefix); });
    EXPECT_EQ(status.has_value(), !ended) << prefix;
    if (!status || ended) continue;
    if (flaw == row.flaws.begin()) {
      EXPECT_EQ(*status, row.status) << prefix;
    } else {
      EXPECT_EQ(*status != QvlStatus::kOk, flaw != row.flaws.end()) << prefix;
    }
    ended = ends && flaw != row.flaws.end();
  }
}

TEST_P(ForgeryTest, IsNamedByItsRule) {
  const Verdict& verdict = judged(row).intel;
  EXPECT_THAT(flaws(verdict.checks), ElementsAreArray(row.flaws));
  const Check* const check = find(verdict.checks, rule);
  ASSERT_NE(check, nullptr);
  EXPECT_FALSE(check->detail.empty());
  if (!is_strict(rule)) {
    EXPECT_EQ(check->status, row.status) << check->detail;
  }
}

TEST_P(ForgeryTest, HasIntelsOutcome) {
  const Verdict& verdict = judged(row).intel;
  const CollateralVerdict& found = *verdict.collateral;
  EXPECT_EQ(found.qv_return, row.intel_return);
  EXPECT_EQ(found.qv_result, row.intel_result);
  EXPECT_EQ(found.expiration_status, row.expiration_status);
  EXPECT_EQ(verdict.refusal.has_value(), row.intel_return != QvReturn::kSuccess);
  EXPECT_EQ(verdict.decision == Decision::kRefused, verdict.refusal.has_value());
  expect_steps(found.steps, row);
}

TEST_P(ForgeryTest, IsRefusedByTheStrictMode) {
  const Verdict verdict = judged(row).forged.verdict(Mode::kStrict);
  const CollateralVerdict& found = *verdict.collateral;
  EXPECT_EQ(found.qv_return, row.strict_return);
  const bool refused = row.strict_return != QvReturn::kSuccess;
  EXPECT_EQ(verdict.refusal.has_value(), refused);
  // A TCB level that is not current is no forgery: the verdict says what it is worth.
  EXPECT_EQ(verdict.decision, refused ? Decision::kRefused : Decision::kVerifiedWithWarnings);
  EXPECT_EQ(found.qv_result, refused ? QvResult::kUnspecified : row.intel_result);
  const std::string& last = row.flaws.back();
  ASSERT_EQ(found.differences.size(), is_strict(last) ? 1U : 0U);
  if (!is_strict(last)) return;
  EXPECT_EQ(found.differences.front().rule, last);
  const Check* const check = find(verdict.checks, last);
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->outcome, CheckOutcome::kFailed);
  EXPECT_EQ(verdict.refusal->message(), check->detail);
}

INSTANTIATE_TEST_SUITE_P(Table, ForgeryTest, ::testing::ValuesIn(testing::all_forgeries()),
                         [](const auto& tested) {
                           const Forgery& row = tested.param;
                           const std::string bug =
                               row.bug == 0 ? "" : "__bug" + std::to_string(row.bug);
                           return test_name(row.flaws.front(), row.what + bug);
                         });

class StepForgeryTest : public ::testing::TestWithParam<StepForgery> {};

TEST_P(StepForgeryTest, IsNamedByItsRule) {
  std::vector<Check> checks;
  GetParam().run(checks);
  EXPECT_THAT(flaws(CheckList(checks)), ElementsAreArray({GetParam().rule}));
}

TEST_P(StepForgeryTest, HasIntelsOutcome) {
  std::vector<Check> checks;
  EXPECT_EQ(GetParam().run(checks), GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(Table, StepForgeryTest, ::testing::ValuesIn(testing::step_forgeries()),
                         [](const auto& tested) {
                           return test_name(tested.param.rule, tested.param.what);
                         });

TEST(ForgeryTable, CoversEveryRule) {
  std::set<std::string_view> covered;
  const auto rows = testing::all_forgeries();
  for (const Forgery& row : rows) covered.insert(row.flaws.begin(), row.flaws.end());
  const auto step_rows = testing::step_forgeries();
  for (const StepForgery& row : step_rows) covered.insert(row.rule);
  for (const std::string_view name : rule_names()) {
    EXPECT_TRUE(covered.contains(name)) << "no forgery breaks " << name;
  }
}

// Of quote-verification 21: 3 and 27 have tests of what is accepted and of mutations beside this
// table, 16 and 21 are tried in tcb_match_test; 29 to 31 are policy of the caller, to whom the
// verdict hands the report body: see Verified.TheVerdictHandsOutTheReport.
TEST(ForgeryTable, CoversTheClassicBugs) {
  std::set<int> covered;
  for (const Forgery& row : testing::all_forgeries()) covered.insert(row.bug);
  EXPECT_THAT(covered, IsSupersetOf({1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14,
                                     15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 32}));
}

}  // namespace
}  // namespace quoted::verification
