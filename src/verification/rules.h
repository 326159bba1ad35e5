// A rule looks at one thing and either says what it found or names the flaw. Steps are lists of
// rules; the first flaw ends a step.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collateral/qvl_status.h"
#include "verification/verdict.h"

namespace quoted::verification {

using collateral::Flaw;
using collateral::flaw;
using collateral::Judged;
using collateral::QvlStatus;

// What a rule found when nothing is wrong; may be empty.
using Finding = Judged<std::string>;

template <class Step>
struct Rule {
  std::string_view name;
  Finding (*judge)(Step&);
};

// True only in a build made to try the tests, and there for the one rule that is switched off.
[[nodiscard]] bool rule_is_off(std::string_view name);

// Appends a check for each rule. Ok, or the status of the first flaw.
template <class Step>
QvlStatus apply(std::span<const Rule<Step>> rules, Step& step, std::vector<Check>& checks) {
  QvlStatus status = QvlStatus::kOk;
  for (const Rule<Step>& rule : rules) {
    if (status != QvlStatus::kOk) {
      checks.push_back({rule.name, CheckOutcome::kNotReached, QvlStatus::kOk, {}});
      continue;
    }
    if (rule_is_off(rule.name)) continue;
    auto finding = rule.judge(step);
    if (finding) {
      checks.push_back({rule.name, CheckOutcome::kPassed, QvlStatus::kOk, *std::move(finding)});
    } else {
      status = finding.error().status;
      const CheckOutcome outcome =
          is_terminal(status) ? CheckOutcome::kFailed : CheckOutcome::kWarned;
      checks.push_back({rule.name, outcome, status, std::move(finding.error().detail)});
    }
  }
  return status;
}

}  // namespace quoted::verification
