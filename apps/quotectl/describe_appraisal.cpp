#include "quotectl/describe_appraisal.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "quotectl/describe_verdict.h"
#include "quotectl/render.h"

namespace quoted::quotectl {
namespace {

using appraisal::Outcome;
using appraisal::Rule;
using base::text;
using verification::Decision;
using verification::Verdict;

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kNotApplicable:
      break;
  }
  return "not_applicable";
}

// Of one width.
std::string_view outcome_mark(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed:
      return "[ok]  ";
    case Outcome::kFailed:
      return "[FAIL]";
    case Outcome::kNotApplicable:
      break;
  }
  return "[--]  ";
}

const base::ErrorEntry& refusal_entry(const Verdict& verdict) {
  return verdict.refusal ? verdict.refusal->entry()
                         : base::error_entry(base::ErrorCode::kPolicyRefused);
}

std::string rules_text(const Appraised& appraised, bool all) {
  std::string out = text("policy: ", policy_label(appraised.policy, appraised.file), '\n');
  std::size_t passed = 0;
  for (const Rule& rule : appraised.appraisal.rules) {
    passed += rule.outcome == Outcome::kPassed ? 1 : 0;
    if (!all && rule.outcome != Outcome::kFailed) continue;
    out += text("  ", outcome_mark(rule.outcome), ' ', rule_text(rule), '\n');
  }
  if (!all) out += text("  ", passed, " rules passed (--verbose shows them)\n");
  return out;
}

std::string headline(const Verdict& verdict, const Appraised& appraised) {
  const std::string label = policy_label(appraised.policy, appraised.file);
  if (appraised.appraisal.accepted) {
    return text("ACCEPTED BY POLICY ", label, ": ", appraised.appraisal.matched, '\n');
  }
  std::string names;
  for (const Rule* const rule : appraised.appraisal.refusing()) {
    names += text(names.empty() ? "" : ", ", rule->name);
  }
  const base::ErrorEntry& row = refusal_entry(verdict);
  return text("REFUSED BY POLICY ", label, ": ", names, "\n  cause:  ", row.cause,
              "\n  remedy: ", row.remedy, "\n  code:   ", row.id, ' ', row.name, '\n');
}

}  // namespace

std::string policy_label(const appraisal::Policy& policy, const std::string& file) {
  const std::string shown = printable(file);
  return policy.name.empty() ? shown : text('\'', printable(policy.name), "' (", shown, ')');
}

std::string rule_text(const Rule& rule) {
  if (rule.outcome == Outcome::kNotApplicable) {
    return text(rule.name, ": ", printable(rule.expected));
  }
  return text(rule.name, ": ", printable(rule.observed), ", expected ", printable(rule.expected));
}

std::string appraised_text(const Verdict& verdict, const Appraised& appraised, bool verbose) {
  if (verdict.decision == Decision::kRefused) {
    return verdict_text(verdict, verbose) + rules_text(appraised, verbose);
  }
  return headline(verdict, appraised) + rules_text(appraised, verbose) +
         (verdict.decision == Decision::kVerified ? "verifier: nothing to remark\n"
                                                  : "verifier: accepts it with warnings\n") +
         verdict_details_text(verdict, verbose);
}

Json appraised_json(const Verdict& verdict, const Appraised& appraised) {
  const appraisal::Appraisal& found = appraised.appraisal;
  Json rules = Json::array();
  for (const Rule& rule : found.rules) {
    rules.push_back(Json::object({{"name", rule.name},
                                  {"outcome", outcome_name(rule.outcome)},
                                  {"observed", rule.observed},
                                  {"expected", rule.expected}}));
  }
  Json refused_by = Json::array();
  for (const Rule* const rule : found.refusing()) refused_by.push_back(rule->name);
  Json appraisal = {{"policy", appraised.policy.name},
                    {"file", appraised.file},
                    {"matched", found.matched.empty() ? Json(nullptr) : Json(found.matched)},
                    {"refused_by", refused_by},
                    {"code", nullptr},
                    {"remedy", nullptr},
                    {"rules", rules}};
  if (!found.accepted) {
    appraisal["code"] = refusal_entry(verdict).id;
    appraisal["remedy"] = refusal_entry(verdict).remedy;
  }
  return {{"decision", found.accepted ? "accepted" : "refused"},
          {"appraisal", appraisal},
          {"verdict", verdict_json(verdict)}};
}

}  // namespace quoted::quotectl
