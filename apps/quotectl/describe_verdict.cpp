#include "quotectl/describe_verdict.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "quotectl/describe_certificate.h"
#include "quotectl/describe_quote.h"
#include "quotectl/option_values.h"
#include "quotectl/render.h"

namespace quoted::quotectl {
namespace {

using base::text;
using verification::CheckOutcome;
using verification::Decision;
using verification::Verdict;

std::string_view collateral_word(const Verdict& verdict) {
  if (!verdict.collateral) return "not checked";
  return verdict.collateral->steps.pck ? "checked" : "not reached";
}

bool refused(const Verdict& verdict) { return verdict.decision == Decision::kRefused; }

std::string_view status(Decision decision) {
  switch (decision) {
    case Decision::kVerified:
      return "verified";
    case Decision::kVerifiedWithWarnings:
      return "verified_with_warnings";
    case Decision::kRefused:
      break;
  }
  return "refused";
}

std::string_view outcome_name(CheckOutcome outcome) {
  switch (outcome) {
    case CheckOutcome::kPassed:
      return "passed";
    case CheckOutcome::kWarned:
      return "warned";
    case CheckOutcome::kFailed:
      return "failed";
    case CheckOutcome::kNotReached:
      break;
  }
  return "not_reached";
}

// Of one width.
std::string_view outcome_mark(CheckOutcome outcome) {
  switch (outcome) {
    case CheckOutcome::kPassed:
      return "[ok]  ";
    case CheckOutcome::kWarned:
      return "[WARN]";
    case CheckOutcome::kFailed:
      return "[FAIL]";
    case CheckOutcome::kNotReached:
      break;
  }
  return "[--]  ";
}

// "The chain does not hold: 2 certificates, expected 3".
std::string reason(const base::Error& error) {
  std::string_view sentence = error.entry().sentence;
  if (sentence.ends_with('.')) sentence.remove_suffix(1);
  return text(sentence, ": ", printable(error.summary()));
}

std::string headline(const Verdict& verdict) {
  switch (verdict.decision) {
    case Decision::kVerified:
      return "VERIFIED";
    case Decision::kVerifiedWithWarnings:
      return "VERIFIED WITH WARNINGS";
    case Decision::kRefused:
      break;
  }
  return verdict.refusal ? text("REFUSED: ", reason(*verdict.refusal)) : "REFUSED";
}

// With collateral there are so many that only those which say something are shown.
std::string checks_text(const Verdict& verdict, bool all) {
  std::string out = "checks:\n";
  std::size_t passed = 0;
  std::size_t not_reached = 0;
  for (const auto& check : verdict.checks) {
    passed += check.outcome == CheckOutcome::kPassed ? 1 : 0;
    not_reached += check.outcome == CheckOutcome::kNotReached ? 1 : 0;
    const bool telling =
        check.outcome == CheckOutcome::kFailed || check.outcome == CheckOutcome::kWarned;
    if (!all && !telling) continue;
    out += text("  ", outcome_mark(check.outcome), ' ', check.name);
    out += check.detail.empty() ? "\n" : text(": ", printable(check.detail), '\n');
  }
  if (!all) {
    out += text("  ", passed, " passed, ", not_reached, " not reached (--verbose shows them)\n");
  }
  return out;
}

// "0xE01D", as the field writes these codes.
template <class Code>
std::string code_text(Code code) {
  std::string out = base::hex_number(static_cast<std::uint32_t>(code));
  std::transform(out.begin() + 2, out.end(), out.begin() + 2, [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

Json date_or_null(const std::optional<base::UnixTime>& time) {
  return time ? Json(format_time(*time)) : Json(nullptr);
}

Json describe_steps(const verification::StepStatuses& steps) {
  const auto one = [](const std::optional<collateral::QvlStatus>& status) {
    return status ? Json({{"status", static_cast<unsigned>(*status)},
                          {"name", collateral::qvl_status_name(*status)}})
                  : Json(nullptr);
  };
  return {{"pck", one(steps.pck)},
          {"tcb_info", one(steps.tcb_info)},
          {"qe_identity", one(steps.qe_identity)},
          {"quote", one(steps.quote)}};
}

Json describe_differences(const verification::CollateralVerdict& verdict) {
  Json out = Json::array();
  for (const auto& difference : verdict.differences) {
    out.push_back(Json::object({{"rule", difference.rule},
                                {"reason", difference.error.message()},
                                {"code", difference.error.entry().id},
                                {"strict_qv_return", code_text(difference.strict_return)}}));
  }
  return out;
}

// The fields of `all` that people ask for first; `inspect` has the others.
Json selected(const Json& all, std::initializer_list<const char*> keys) {
  Json out = Json::object();
  for (const char* const key : keys) out[key] = all.at(key);
  return out;
}

// What the platform is worth. A refused quote shows none of it, so that nobody takes it for a yes.
Json describe_collateral(const Verdict& verdict) {
  const verification::CollateralVerdict& found = *verdict.collateral;
  const bool intel = found.mode == verification::Mode::kIntel;
  Json out = {{"mode", intel ? "intel" : "strict"},
              {"qv_return", code_text(found.qv_return)},
              {"qv_result", code_text(found.qv_result)},
              {"qv_result_name", verification::qv_result_name(found.qv_result)},
              {"expiration_status", found.expiration_status},
              {"steps", describe_steps(found.steps)},
              {"differences", describe_differences(found)},
              {"tcb_status", nullptr},
              {"tcb_date", nullptr},
              {"qe_tcb_status", nullptr},
              {"tcb_evaluation_data_number", nullptr},
              {"newest_tcb_evaluation_data_number", nullptr},
              {"advisories", Json::array()},
              {"documents_issued", date_or_null(found.documents_issued)},
              {"earliest_issue", date_or_null(found.earliest_issue)},
              {"latest_issue", date_or_null(found.latest_issue)},
              {"earliest_expiration", date_or_null(found.earliest_expiration)},
              {"earliest_expiring", nullptr}};
  if (!found.earliest_expiring.empty()) out["earliest_expiring"] = found.earliest_expiring;
  if (refused(verdict)) return out;
  out["tcb_status"] = found.tcb_status;
  out["tcb_date"] = date_or_null(found.tcb_date);
  if (found.qe_tcb_status) {
    out["qe_tcb_status"] = collateral::tcb_status_name(*found.qe_tcb_status);
  }
  if (found.evaluation_number) out["tcb_evaluation_data_number"] = *found.evaluation_number;
  if (found.newest_evaluation_number) {
    out["newest_tcb_evaluation_data_number"] = *found.newest_evaluation_number;
  }
  out["advisories"] = found.advisories;
  return out;
}

std::string warnings_text(const Verdict& verdict) {
  std::string out;
  for (const std::string& warning : verdict.warnings)
    out += text("warning: ", printable(warning), '\n');
  return out;
}

// The lines between the headline and the checks.
std::string collateral_text(const Verdict& verdict) {
  if (!verdict.collateral) {
    return text("collateral: ", collateral_word(verdict), " (", verdict.limits, ")\n");
  }
  const Json all = describe_collateral(verdict);
  Json shown = Json::object();
  if (!refused(verdict)) {
    shown = selected(all, {"tcb_status", "tcb_date", "qe_tcb_status", "tcb_evaluation_data_number",
                           "advisories"});
  }
  shown.update(selected(all, {"mode", "qv_return", "qv_result", "qv_result_name",
                              "expiration_status", "earliest_expiration", "earliest_expiring"}));
  std::string out = text("collateral: ", collateral_word(verdict), '\n') + render_text(shown, 2);
  const bool intel = verdict.collateral->mode == verification::Mode::kIntel;
  for (const auto& difference : verdict.collateral->differences) {
    if (intel) {
      out += text("strict would refuse: ", difference.rule, ": ",
                  printable(difference.error.message()), '\n');
    } else if (refused(verdict)) {
      out += text("Intel's verifier lets pass: ", difference.rule, '\n');
    }
  }
  return out;
}

std::string enclave_text(const Json& enclave) {
  Json shown = selected(enclave, {"mr_enclave", "mr_signer", "isv_prod_id", "isv_svn"});
  shown["attributes"] = enclave.at("attributes").at("flag_names");
  shown["report_data"] = enclave.at("report_data");
  return "enclave:\n" + render_text(shown, 2);
}

std::string platform_text(const Json& pck) {
  return "platform:\n" + render_text(selected(pck, {"fmspc", "ppid", "cpu_svn", "pce_svn", "pce_id",
                                                    "sgx_type", "platform_instance_id"}),
                                     2);
}

std::string_view simulated_sentence() {
  return "the certificates are those of a simulated platform; the quote proves nothing about "
         "hardware";
}

}  // namespace

Json verdict_json(const Verdict& verdict) {
  Json checks = Json::array();
  for (const auto& check : verdict.checks) {
    checks.push_back(Json::object({{"name", check.name},
                                   {"outcome", outcome_name(check.outcome)},
                                   {"detail", check.detail}}));
  }
  Json out = {{"status", status(verdict.decision)},
              {"judged_at", date_or_null(verdict.judged_at)},
              {"reason", nullptr},
              {"code", nullptr},
              {"remedy", nullptr},
              {"simulated", verdict.simulated},
              {"collateral", collateral_word(verdict)},
              {"limits", verdict.limits.empty() ? Json(nullptr) : Json(verdict.limits)},
              {"warnings", verdict.warnings},
              {"checks", checks},
              {"root", nullptr},
              {"enclave", nullptr},
              {"pck", nullptr}};
  if (verdict.refusal) {
    out["reason"] = reason(*verdict.refusal);
    out["code"] = verdict.refusal->entry().id;
    out["remedy"] = verdict.refusal->entry().remedy;
  }
  if (verdict.simulated)
    out["warning"] = text(collateral::kSimulatedMarker, ": ", simulated_sentence());
  if (verdict.collateral) out.update(describe_collateral(verdict));
  if (refused(verdict)) return out;
  out["root"] = verdict.root_name;
  out[verdict.quote->is_tdx() ? "td" : "enclave"] = describe_body(*verdict.quote);
  if (verdict.pck) out["pck"] = describe_sgx_extension(verdict.pck->sgx());
  return out;
}

std::string verdict_text(const Verdict& verdict, bool verbose) {
  std::string out = headline(verdict) + '\n';
  if (verdict.refusal) {
    const base::ErrorEntry& row = verdict.refusal->entry();
    out += text("  cause:  ", row.cause, "\n  remedy: ", row.remedy, "\n  code:   ", row.id, ' ',
                row.name, '\n');
  }
  return out + verdict_details_text(verdict, verbose);
}

std::string verdict_details_text(const Verdict& verdict, bool verbose) {
  std::string out;
  if (verdict.simulated) {
    out += text(collateral::kSimulatedMarker, ": ", simulated_sentence(), '\n');
  }
  if (verdict.collateral) out += warnings_text(verdict);
  out += collateral_text(verdict) + checks_text(verdict, verbose || !verdict.collateral);
  if (refused(verdict)) return out;
  out += text("root: ", verdict.root_name, '\n');
  const Json body = describe_body(*verdict.quote);
  out += verdict.quote->is_tdx() ? "td:\n" + render_text(body, 2) : enclave_text(body);
  if (verdict.pck) out += platform_text(describe_sgx_extension(verdict.pck->sgx()));
  return out;
}

}  // namespace quoted::quotectl
