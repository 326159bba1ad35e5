#include "appraisal/facts.h"

namespace quoted::appraisal {
namespace {

using verification::Decision;
using verification::Verdict;

TdFacts facts_of_td(const quote::Quote& quote) {
  TdFacts out{*quote.td_report(), std::nullopt};
  if (const auto* const extended = std::get_if<quote::TdReport15>(&quote.body)) {
    out.mr_service_td = extended->mr_service_td;
  }
  return out;
}

}  // namespace

Facts facts_of(const Verdict& verdict) {
  Facts out;
  out.refused = verdict.decision == Decision::kRefused;
  out.simulated = verdict.simulated;
  out.judged_at = verdict.judged_at;
  if (verdict.refusal) out.reason = verdict.refusal->message();
  if (verdict.collateral) {
    out.mode = verdict.collateral->mode;
    out.collateral_checked = verdict.collateral->steps.quote.has_value();
  }
  if (out.refused) return out;
  if (verdict.collateral) {
    const verification::CollateralVerdict& found = *verdict.collateral;
    out.tcb_status = found.tcb_status;
    out.tcb_date = found.tcb_date;
    if (found.qe_tcb_status) out.qe_tcb_status = collateral::tcb_status_name(*found.qe_tcb_status);
    out.tcb_evaluation_data_number = found.evaluation_number;
    out.newest_tcb_evaluation_data_number = found.newest_evaluation_number;
    out.advisories = found.advisories;
    out.documents_issued = found.documents_issued;
  }
  if (verdict.pck) out.fmspc = verdict.pck->sgx().fmspc;
  if (verdict.quote) {
    if (const sgx::ReportBody* const body = verdict.quote->report_body()) {
      out.body = *body;
    } else if (verdict.quote->is_tdx()) {
      out.body = facts_of_td(*verdict.quote);
    }
  }
  return out;
}

}  // namespace quoted::appraisal
