// What a policy looks at: the findings of a verdict, taken from the verifier or from a recorded
// verdict. What is not known stays empty, and a rule that needs it fails.
#pragma once

#include <variant>

#include "appraisal/policy.h"
#include "base/result.h"
#include "verification/verdict.h"

namespace quoted::appraisal {

struct TdFacts {
  quote::TdReport report;
  std::optional<quote::TdMeasurement> mr_service_td;  // TD reports 1.5 have it
};

struct Facts {
  bool refused = true;
  std::string reason;  // of a refusal
  std::optional<verification::Mode> mode;
  bool collateral_checked = false;
  bool simulated = false;
  std::string tcb_status;
  std::optional<base::UnixTime> tcb_date;
  std::string qe_tcb_status;
  std::optional<std::uint32_t> tcb_evaluation_data_number;
  std::optional<std::uint32_t> newest_tcb_evaluation_data_number;
  std::vector<std::string> advisories;
  std::optional<base::UnixTime> documents_issued;
  std::optional<base::UnixTime> judged_at;
  std::optional<sgx::Fmspc> fmspc;
  // Only of a quote that is not refused.
  std::variant<std::monostate, sgx::ReportBody, TdFacts> body;
};

[[nodiscard]] Facts facts_of(const verification::Verdict& verdict);

// Reads what `quotectl verify --json` printed, with or without --policy. Malformed when it is not
// that, when a name stands twice, or when fields contradict each other.
[[nodiscard]] base::Result<Facts> parse_recorded_verdict(std::string_view json);

}  // namespace quoted::appraisal
