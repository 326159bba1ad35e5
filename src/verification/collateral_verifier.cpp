#include <algorithm>

#include "base/text.h"
#include "verification/intel/known_chains.h"
#include "verification/known_quotes.h"
#include "verification/strict_rules.h"
#include "verification/verifier.h"

namespace quoted::verification {

struct Verifier::Known {
  explicit Known(const CacheLimits& limits) : quotes(limits), chains(limits) {}
  KnownQuotes quotes;
  intel::KnownChains chains;
};

namespace {

using base::text;

// Why a quote that is not refused is not simply verified.
std::vector<std::string> find_warnings(const intel::OneCall& call) {
  const CollateralVerdict& verdict = call.verdict;
  std::vector<std::string> out;
  if (verdict.qv_result != QvResult::kOk) {
    out.push_back(text("the platform's TCB status is ", verdict.tcb_status));
  }
  if (verdict.expiration_status != 0) {
    out.push_back("a part of the collateral was out of date at the time of verification");
  }
  if (call.quote->is_debug()) {
    out.push_back("the enclave or TD can be debugged: its host can read its memory");
  }
  if (verdict.mode == Mode::kIntel) {
    for (const Difference& difference : verdict.differences) {
      out.push_back(text("the strict verifier would refuse (", difference.rule,
                         "): ", difference.error.message()));
    }
  }
  return out;
}

// The strict verifier never says yes where Intel's says no; it only adds refusals.
void apply_strict_rules(intel::OneCall& call, const VerifyOptions& options) {
  CollateralVerdict& verdict = call.verdict;
  std::vector<Check> checks;
  verdict.differences =
      find_differences(call, StrictOptions{.allow_debug = options.allow_debug}, checks);
  const bool strict = options.mode == Mode::kStrict;
  for (Check& check : checks) {
    if (!strict && check.outcome == CheckOutcome::kFailed) check.outcome = CheckOutcome::kWarned;
    call.checks.push_back(std::move(check));
  }
  if (!strict || verdict.differences.empty()) return;
  const Difference& first = verdict.differences.front();
  verdict.qv_return = first.strict_return;
  verdict.qv_result = QvResult::kUnspecified;
  call.refusal = first.error;
}

// Runs the call and takes the verdict out of it.
Verdict judge(intel::OneCall& call, const VerifyOptions& options) {
  call.verdict.mode = options.mode;
  intel::run(call, options.mode == Mode::kIntel && options.advisory_list);
  if (call.refusal) {
    for (const std::string_view name : strict_rule_names()) {
      call.checks.push_back({name, CheckOutcome::kNotReached, collateral::QvlStatus::kOk, {}});
    }
  } else {
    apply_strict_rules(call, options);
  }

  Verdict out;
  out.judged_at = call.at;
  if (call.chain) {
    out.simulated =
        std::ranges::any_of(call.chain->certificates(), collateral::is_marked_simulated);
  }
  if (call.trusted_root != nullptr) out.root_name = call.trusted_root->name;
  if (!call.refusal) {
    out.warnings = find_warnings(call);
    out.decision = out.warnings.empty() ? Decision::kVerified : Decision::kVerifiedWithWarnings;
  }
  if (call.quote) out.quote = *std::move(call.quote);
  if (call.pck) out.pck = *call.pck;
  out.refusal = std::move(call.refusal);
  out.checks = CheckList(std::move(call.checks));
  out.collateral = std::move(call.verdict);
  out.limits = {};
  return out;
}

}  // namespace

Verifier::Verifier(std::vector<TrustedRoot> roots, const CacheLimits& limits)
    : roots_(std::move(roots)), known_(std::make_shared<Known>(limits)) {}

Verdict Verifier::verify(base::ByteView quote, const collateral::ParsedCollateral& collateral,
                         base::UnixTime at, const VerifyOptions& options) const {
  intel::OneCall call(quote, collateral, roots_, at);
  return judge(call, options);
}

Verdict Verifier::verify(base::ByteView bytes, const PreparedCollateral& collateral,
                         base::UnixTime at, const VerifyOptions& options) const {
  std::optional<QuoteKey> key;
  if (auto quote = quote::Quote::parse_leniently(bytes)) {
    key = QuoteKey::of(*quote, collateral, options);
    if (auto known = known_->quotes.answer(*key, *quote, at)) {
      known->quote = *std::move(quote);
      return *std::move(known);
    }
  }
  intel::OneCall call(bytes, collateral.parsed(), roots_, at, &known_->chains);
  Verdict verdict = judge(call, options);
  // Other texts of the same chain, and certificates that differ in what nobody signs, can be written
  // by anybody; see docs/verification.md.
  if (key && verdict.decision != Decision::kRefused && call.carried->is_canonical() &&
      call.carried->profile()) {
    if (!call.carried_known) known_->chains.remember(call.carried);
    known_->quotes.remember(*std::move(key), group_of(*call.carried), verdict,
                            call.attestation_key.value(), at);
  }
  return verdict;
}

VerifierStatistics Verifier::statistics() const {
  return {known_->quotes.statistics(), known_->chains.statistics()};
}

std::vector<std::string_view> rule_names() {
  std::vector<std::string_view> out = intel::input_rule_names();
  for (const auto& more : {intel::pck_rule_names(), intel::document_rule_names(),
                           intel::quote_rule_names(), strict_rule_names()}) {
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

}  // namespace quoted::verification
