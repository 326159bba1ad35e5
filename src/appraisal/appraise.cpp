#include "appraisal/appraise.h"

#include "appraisal/rule_list.h"
#include "appraisal/workload_rules.h"
#include "base/text.h"
#include "config/durations.h"
#include "verification/intel/chain_rules.h"

namespace quoted::appraisal {
namespace {

using base::text;
using verification::Mode;
using verification::intel::utc;

constexpr std::string_view kUnknown = "unknown";

std::string or_unknown(const std::string& value) {
  return value.empty() ? std::string(kUnknown) : value;
}

std::string date_text(const std::optional<base::UnixTime>& time) {
  return time ? utc(*time) : std::string(kUnknown);
}

std::string number_text(const std::optional<std::uint32_t>& number) {
  return number ? text(*number) : std::string(kUnknown);
}

std::string list_text(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += text(out.empty() ? "" : ", ", value);
  return out.empty() ? "none" : out;
}

std::string statuses_text(const Statuses& statuses) {
  return any_of_text({statuses.values.begin(), statuses.values.end()});
}

// "2023-08-09T00:00:00Z, 752d before the verification"
std::string age_text(const std::optional<base::UnixTime>& from, const Facts& facts) {
  if (!from || !facts.judged_at) return date_text(from);
  const auto days = std::chrono::floor<std::chrono::days>(*facts.judged_at - *from).count();
  return text(utc(*from), ", ", std::int64_t{days}, "d before the verification");
}

// Unknown dates are not young.
bool young(const std::optional<base::UnixTime>& from, const Facts& facts,
           std::chrono::seconds max_age) {
  return from && facts.judged_at && *facts.judged_at - *from <= max_age;
}

void check_verdict(const Facts& facts, RuleList& rules) {
  rules.check(
      "verdict.status", !facts.refused,
      facts.refused ? text("refused", facts.reason.empty() ? "" : ": ", facts.reason) : "verified",
      "not refused by the verifier");
  if (facts.refused) return;
  rules.check("verdict.collateral", facts.collateral_checked,
              facts.collateral_checked ? "checked" : "not checked", "checked");
  const bool strict = facts.mode == Mode::kStrict;
  rules.check("verdict.mode", strict,
              !facts.mode ? "unknown"
              : strict    ? "strict"
                          : "intel",
              "strict");
}

void check_grace(const Grace& grace, const Facts& facts, RuleList& rules) {
  if (grace.max_tcb_age) {
    rules.check("platform.grace.max_tcb_age", young(facts.tcb_date, facts, *grace.max_tcb_age),
                text("TCB date ", age_text(facts.tcb_date, facts)),
                text("at most ", config::duration_text(*grace.max_tcb_age), " before"));
  }
  if (grace.until_tcb_evaluation_data_number) {
    // The recovery has come with the first document that knows of it.
    const std::uint32_t last = *grace.until_tcb_evaluation_data_number;
    rules.check("platform.grace.until_tcb_evaluation_data_number",
                facts.newest_tcb_evaluation_data_number &&
                    *facts.newest_tcb_evaluation_data_number <= last,
                number_text(facts.newest_tcb_evaluation_data_number), text("at most ", last));
  }
}

void check_status(const PlatformPolicy& policy, const Facts& facts, RuleList& rules) {
  const std::string& status = facts.tcb_status;
  const bool graced = policy.grace && policy.grace->tcb_status.has(status);
  std::string expected = statuses_text(policy.tcb_status);
  if (policy.grace) expected += text(", or for a time ", statuses_text(policy.grace->tcb_status));
  rules.check("platform.tcb_status", graced || policy.tcb_status.has(status), or_unknown(status),
              expected);
  if (graced) {
    check_grace(*policy.grace, facts, rules);
  } else if (policy.grace) {
    rules.skip("platform.grace",
               text("the status is not ", statuses_text(policy.grace->tcb_status)));
  }
}

void check_advisories(const PlatformPolicy& policy, const Facts& facts, RuleList& rules) {
  const auto in = [](const std::vector<std::string>& list, const std::string& id) {
    return std::ranges::find(list, id) != list.end();
  };
  if (policy.allowed_advisories) {
    std::vector<std::string> others;
    for (const std::string& id : facts.advisories) {
      if (!in(*policy.allowed_advisories, id)) others.push_back(id);
    }
    rules.check("platform.allowed_advisories", others.empty(),
                others.empty() ? list_text(facts.advisories)
                               : text(list_text(others), " beyond those allowed"),
                policy.allowed_advisories->empty()
                    ? std::string("none")
                    : text("none but ", list_text(*policy.allowed_advisories)));
  }
  if (policy.rejected_advisories.empty()) return;
  std::vector<std::string> hit;
  for (const std::string& id : facts.advisories) {
    if (in(policy.rejected_advisories, id)) hit.push_back(id);
  }
  rules.check("platform.rejected_advisories", hit.empty(), list_text(hit),
              text("none of ", list_text(policy.rejected_advisories)));
}

void check_platform(const PlatformPolicy& policy, const Facts& facts, RuleList& rules) {
  rules.check("platform.allow_simulated", policy.allow_simulated || !facts.simulated,
              facts.simulated ? "a simulated platform, which has no security" : "not simulated",
              policy.allow_simulated ? "either" : "not simulated");
  check_status(policy, facts, rules);
  if (policy.qe_tcb_status.is_set()) {
    rules.check("platform.qe_tcb_status", policy.qe_tcb_status.has(facts.qe_tcb_status),
                or_unknown(facts.qe_tcb_status), statuses_text(policy.qe_tcb_status));
  }
  if (policy.min_tcb_evaluation_data_number) {
    const std::uint32_t least = *policy.min_tcb_evaluation_data_number;
    rules.check("platform.min_tcb_evaluation_data_number",
                facts.tcb_evaluation_data_number && *facts.tcb_evaluation_data_number >= least,
                number_text(facts.tcb_evaluation_data_number), text("at least ", least));
  }
  if (policy.min_tcb_date) {
    rules.check("platform.min_tcb_date", facts.tcb_date && *facts.tcb_date >= *policy.min_tcb_date,
                date_text(facts.tcb_date), text(utc(*policy.min_tcb_date), " or later"));
  }
  check_advisories(policy, facts, rules);
  if (policy.fmspc.is_set()) {
    std::vector<std::string> expected;
    for (const sgx::Fmspc& fmspc : policy.fmspc.values) expected.push_back(fmspc.hex());
    rules.check("platform.fmspc", facts.fmspc && policy.fmspc.has(*facts.fmspc),
                facts.fmspc ? facts.fmspc->hex() : std::string(kUnknown), any_of_text(expected));
  }
}

}  // namespace

std::string any_of_text(const std::vector<std::string>& values) {
  constexpr std::size_t kMaxListed = 8;
  std::string out;
  for (std::size_t i = 0; i < std::min(values.size(), kMaxListed); ++i) {
    const bool last = i + 1 == values.size();
    out += text(i == 0 ? "" : last ? " or " : ", ", values[i]);
  }
  if (values.size() > kMaxListed) out += text(" or one of ", values.size() - kMaxListed, " more");
  return out;
}

std::vector<const Rule*> Appraisal::refusing() const {
  std::vector<const Rule*> out;
  for (const Rule& rule : rules) {
    if (rule.outcome == Outcome::kFailed) out.push_back(&rule);
  }
  return out;
}

Appraisal appraise(const Policy& policy, const Facts& facts) {
  Appraisal out;
  RuleList rules(out.rules);
  check_verdict(facts, rules);
  // Nothing else is known of a quote that was refused, or not judged by these rules.
  if (!rules.passed()) return out;
  check_platform(policy.platform, facts, rules);
  if (policy.max_collateral_age) {
    rules.check("collateral.max_age",
                young(facts.documents_issued, facts, *policy.max_collateral_age),
                text("issued ", age_text(facts.documents_issued, facts)),
                text("at most ", config::duration_text(*policy.max_collateral_age), " before"));
  }
  out.matched = check_workload(policy, facts, rules);
  out.accepted = rules.passed() && !out.matched.empty();
  return out;
}

}  // namespace quoted::appraisal
