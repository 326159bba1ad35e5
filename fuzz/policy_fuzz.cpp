// Hostile text as a policy, and as a recorded verdict: what is read is free of mistakes and can be
// explained, what is not has mistakes with a place in the text, and no policy accepts what the
// verifier refused, nor a simulated platform or a debug enclave unless it says so.
#include <algorithm>

#include "appraisal/appraise.h"
#include "appraisal/explain.h"
#include "appraisal/policy_text.h"
#include "fuzz.h"

using namespace quoted;
using appraisal::Facts;

namespace {

// The best verdict there can be.
Facts good_facts() {
  Facts out;
  out.refused = false;
  out.mode = verification::Mode::kStrict;
  out.collateral_checked = true;
  out.tcb_status = appraisal::kUpToDate;
  out.qe_tcb_status = appraisal::kUpToDate;
  out.tcb_evaluation_data_number = 17;
  out.judged_at = base::UnixTime(std::chrono::days(20000));
  out.tcb_date = out.judged_at;
  out.documents_issued = out.judged_at;
  out.fmspc = sgx::Fmspc();
  return out;
}

// An enclave as the alternative wants it, as far as single values go.
Facts facts_for(const appraisal::Policy& policy) {
  Facts out = good_facts();
  sgx::ReportBody body;
  if (!policy.enclaves.empty()) {
    const appraisal::EnclaveAlternative& wanted = policy.enclaves.front();
    if (wanted.mr_enclave.is_set()) body.mr_enclave = wanted.mr_enclave.values.front();
    if (wanted.mr_signer.is_set()) body.mr_signer = wanted.mr_signer.values.front();
    if (wanted.isv_prod_id.is_set()) body.isv_prod_id = wanted.isv_prod_id.values.front();
    body.isv_svn = wanted.min_isv_svn.value.value_or(0);
    body.config_svn = wanted.min_config_svn.value.value_or(0);
    body.attributes.flags = wanted.flags.value;
    body.attributes.xfrm = wanted.xfrm.value;
  }
  out.body = body;
  return out;
}

void check_appraisal(const appraisal::Policy& policy, const Facts& facts) {
  const appraisal::Appraisal found = appraise(policy, facts);
  fuzz::require(found.accepted == found.refusing().empty());
  fuzz::require(!found.accepted || !found.matched.empty());
  if (!found.accepted) return;
  fuzz::require(!facts.refused);
  fuzz::require(!facts.simulated || policy.platform.allow_simulated);
  const auto* const body = std::get_if<sgx::ReportBody>(&facts.body);
  fuzz::require(body == nullptr || !body->attributes.has(sgx::flags::kDebug) ||
                policy.allows_debug());
}

void check_policy(const appraisal::Policy& policy) {
  fuzz::require(!explain(policy).empty());
  check_appraisal(policy, Facts());
  Facts facts = facts_for(policy);
  check_appraisal(policy, facts);
  Facts refused = facts;
  refused.refused = true;
  check_appraisal(policy, refused);
  Facts simulated = facts;
  simulated.simulated = true;
  check_appraisal(policy, simulated);
  auto& body = std::get<sgx::ReportBody>(facts.body);
  body.attributes.flags = body.attributes.flags | sgx::flags::kDebug;
  check_appraisal(policy, facts);
  facts.body = appraisal::TdFacts();
  check_appraisal(policy, facts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = base::as_text(fuzz::input(data, size));
  config::Mistakes mistakes;
  const auto policy = appraisal::parse_policy(text, mistakes);
  fuzz::require(policy.has_value() == mistakes.empty());
  const auto lines = static_cast<std::uint32_t>(1 + std::ranges::count(text, '\n'));
  for (const config::Mistake& mistake : mistakes.all()) {
    fuzz::require(mistake.place.line >= 1 && mistake.place.line <= lines);
    fuzz::require(mistake.place.column >= 1 && mistake.place.column <= text.size() + 1);
  }
  const std::string said = mistakes.lines("f");
  fuzz::require(
      std::ranges::all_of(said, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  if (policy) check_policy(*policy);
  if (const auto facts = appraisal::parse_recorded_verdict(text)) {
    const bool has_body = !std::holds_alternative<std::monostate>(facts->body);
    fuzz::require(has_body != facts->refused);
  }
  return 0;
}
