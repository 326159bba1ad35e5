#include "preflight/wire_checks.h"

#include <algorithm>

#include "base/text.h"

namespace quoted::preflight {
namespace {

using base::text;
using conformance::StepResult;
using Steps = std::span<const StepResult>;

std::string words_of(const StepResult& step) {
  std::string out = text(step.step, ": ", step.findings.empty() ? "" : step.findings.front());
  if (step.findings.size() > 1) out += text(" (and ", step.findings.size() - 1, " more)");
  return out;
}

Check conversation_check(Steps steps) {
  Check out = passed(text("wire ", steps.front().client, ": ", steps.front().conversation),
                     steps.size() == 1 ? "the answer is what the client needs"
                                       : text(steps.size(), " answers are what the client needs"));
  const auto number = [&](StepResult::Outcome outcome) {
    return static_cast<std::size_t>(std::ranges::count(steps, outcome, &StepResult::outcome));
  };
  const auto first = [&](StepResult::Outcome outcome) {
    return words_of(*std::ranges::find(steps, outcome, &StepResult::outcome));
  };
  if (const std::size_t bad = number(StepResult::Outcome::kFailed); bad > 0) {
    std::string detail = first(StepResult::Outcome::kFailed);
    if (bad > 1) detail += text("; ", bad - 1, " other answers are wrong");
    return failed(out.name, base::ErrorCode::kIncompatibleAnswer, std::move(detail));
  }
  if (number(StepResult::Outcome::kNotRun) > 0) {
    return not_run(out.name, first(StepResult::Outcome::kNotRun));
  }
  if (number(StepResult::Outcome::kAdvised) > 0) {
    out.outcome = Outcome::kWarned;
    out.detail = first(StepResult::Outcome::kAdvised);
  }
  return out;
}

}  // namespace

std::vector<Check> wire_checks(const std::vector<StepResult>& steps) {
  std::vector<Check> out;
  const auto same = [](const StepResult& a, const StepResult& b) {
    return a.client == b.client && a.conversation == b.conversation;
  };
  for (auto begin = steps.begin(); begin != steps.end();) {
    const auto end =
        std::find_if(begin, steps.end(), [&](const StepResult& one) { return !same(*begin, one); });
    out.push_back(conversation_check(Steps(begin, end)));
    begin = end;
  }
  return out;
}

}  // namespace quoted::preflight
