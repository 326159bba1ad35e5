#include "verification/testing/verdict_dump.h"

#include "base/byte_reader.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "quote/quote_builder.h"

namespace quoted::verification::testing {
namespace {

using base::text;

std::string number(auto value) { return std::to_string(static_cast<std::uint64_t>(value)); }

std::string hash(base::ByteView bytes) { return crypto::sha256(bytes).value().hex(); }

std::string time(const std::optional<base::UnixTime>& value) {
  return value ? std::to_string(value->time_since_epoch().count()) : "none";
}

template <class Status>
std::string step(const std::optional<Status>& status) {
  return status ? number(*status) : "none";
}

std::string dump(const CollateralVerdict& found) {
  std::string out = text(
      "mode ", number(found.mode), "\nreturn ", number(found.qv_return), "\nresult ",
      number(found.qv_result), "\nexpiration ", found.expiration_status, "\nsteps ",
      step(found.steps.pck), ' ', step(found.steps.tcb_info), ' ', step(found.steps.qe_identity),
      ' ', step(found.steps.quote), "\ntcb ", found.tcb_status, ' ', time(found.tcb_date), ' ',
      step(found.qe_tcb_status), ' ', step(found.evaluation_number), ' ',
      step(found.newest_evaluation_number), "\nvalidity ",
      time(found.documents_issued), ' ', time(found.earliest_issue), ' ', time(found.latest_issue),
      ' ', time(found.earliest_expiration), ' ', found.earliest_expiring, '\n');
  for (const std::string& advisory : found.advisories) out += text("advisory ", advisory, '\n');
  for (const Difference& difference : found.differences) {
    out += text("difference ", difference.rule, ' ', difference.error.summary(), ' ',
                number(difference.strict_return), '\n');
  }
  if (!found.supplemental) return out;
  const SupplementalFacts& facts = *found.supplemental;
  return out + text("supplemental ", facts.root_key.hex(), ' ', facts.pck_crl_number, ' ',
                    facts.root_ca_crl_number, ' ', facts.qe_evaluation_number, ' ',
                    time(facts.qe_tcb_date), ' ', time(facts.qe_chain_earliest_issue), ' ',
                    time(facts.qe_chain_latest_issue), ' ',
                    time(facts.qe_chain_earliest_expiration), '\n');
}

}  // namespace

std::string dump(const Verdict& verdict) {
  std::string out = text("decision ", number(verdict.decision), "\nsimulated ",
                         number(verdict.simulated), "\nroot ", verdict.root_name, "\nlimits ",
                         verdict.limits, "\nat ", time(verdict.judged_at), '\n');
  for (const Check& check : verdict.checks) {
    out += text("check ", check.name, ' ', number(check.outcome), ' ', number(check.status), ' ',
                check.detail, '\n');
  }
  if (verdict.refusal) out += text("refusal ", verdict.refusal->summary(), '\n');
  for (const std::string& warning : verdict.warnings) out += text("warning ", warning, '\n');
  if (verdict.quote) {
    const auto bytes = quote::serialize(*verdict.quote);
    out += text("quote ", bytes ? hash(*bytes) : bytes.error().summary(), ' ',
                verdict.quote->trailing_bytes, ' ', verdict.quote->slack_bytes, '\n');
  }
  if (verdict.pck) out += text("pck ", hash(verdict.pck->certificate().der()), '\n');
  if (verdict.collateral) out += dump(*verdict.collateral);
  return out;
}

}  // namespace quoted::verification::testing
