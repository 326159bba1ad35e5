#include "quotectl/describe_verdict.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "quotectl/describe_certificate.h"
#include "quotectl/render.h"

namespace quoted::quotectl {
namespace {

using base::text;
using verification::CheckOutcome;
using verification::Decision;
using verification::Verdict;

constexpr std::string_view kCollateral = "not checked";

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
  return text(sentence, ": ", error.summary());
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

std::string checks_text(const Verdict& verdict) {
  std::string out = "checks:\n";
  for (const auto& check : verdict.checks) {
    out += text("  ", outcome_mark(check.outcome), ' ', check.name);
    out += check.detail.empty() ? "\n" : text(": ", check.detail, '\n');
  }
  return out;
}

// The fields of `all` that people ask for first; `inspect` has the others.
Json selected(const Json& all, std::initializer_list<const char*> keys) {
  Json out = Json::object();
  for (const char* const key : keys) out[key] = all.at(key);
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
              {"reason", nullptr},
              {"code", nullptr},
              {"remedy", nullptr},
              {"simulated", verdict.simulated},
              {"collateral", kCollateral},
              {"limits", verdict.limits},
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
  if (refused(verdict)) return out;
  out["root"] = verdict.root_name;
  if (verdict.quote) out["enclave"] = describe_report_body(verdict.quote->report_body);
  if (verdict.pck) out["pck"] = describe_sgx_extension(verdict.pck->sgx());
  return out;
}

std::string verdict_text(const Verdict& verdict) {
  std::string out = headline(verdict) + '\n';
  if (verdict.refusal) {
    const base::ErrorEntry& row = verdict.refusal->entry();
    out += text("  cause:  ", row.cause, "\n  remedy: ", row.remedy, "\n  code:   ", row.id, ' ',
                row.name, '\n');
  }
  if (verdict.simulated) {
    out += text(collateral::kSimulatedMarker, ": ", simulated_sentence(), '\n');
  }
  out += text("collateral: ", kCollateral, " (", verdict.limits, ")\n", checks_text(verdict));
  if (refused(verdict)) return out;
  out += text("root: ", verdict.root_name, '\n');
  if (verdict.quote) out += enclave_text(describe_report_body(verdict.quote->report_body));
  if (verdict.pck) out += platform_text(describe_sgx_extension(verdict.pck->sgx()));
  return out;
}

}  // namespace quoted::quotectl
