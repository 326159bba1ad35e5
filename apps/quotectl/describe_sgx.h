// Structures of the processor as JSON with every field. What `inspect` prints, in text and in JSON,
// is built here and in the other describe_*.h.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sgx/report.h"

namespace quoted::quotectl {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json describe_report_body(const sgx::ReportBody& body);
[[nodiscard]] Json describe_report(const sgx::Report& report);
[[nodiscard]] Json describe_target_info(const sgx::TargetInfo& target);

}  // namespace quoted::quotectl
