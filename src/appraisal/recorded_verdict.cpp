#include <charconv>

#include "appraisal/facts.h"
#include "base/text.h"
#include "collateral/document_fields.h"

namespace quoted::appraisal {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using collateral::JsonValue;
using verification::Mode;

constexpr std::uint64_t kMax16 = 0xFFFF;
constexpr std::uint64_t kMax32 = 0xFFFFFFFF;

tl::unexpected<base::Error> bad(std::string_view name, std::string_view what) {
  return fail(ErrorCode::kMalformed, text("'", name, "' ", what));
}

bool is_null(const JsonValue& value) {
  return std::holds_alternative<std::monostate>(value.content());
}

// Null when the member is absent or null.
const JsonValue* present(const JsonValue& object, std::string_view name) {
  const JsonValue* const value = object.member(name);
  return value == nullptr || is_null(*value) ? nullptr : value;
}

// Each `read` leaves `out` alone when the member is absent or null.
Status read(const JsonValue& object, std::string_view name, std::string& out) {
  const JsonValue* const value = present(object, name);
  if (value == nullptr) return {};
  if (value->string() == nullptr) return bad(name, "is no string");
  out = *value->string();
  return {};
}

Status read(const JsonValue& object, std::string_view name, bool& out) {
  const JsonValue* const value = present(object, name);
  if (value == nullptr) return {};
  const bool* const content = std::get_if<bool>(&value->content());
  if (content == nullptr) return bad(name, "is neither true nor false");
  out = *content;
  return {};
}

Status read(const JsonValue& object, std::string_view name, std::optional<base::UnixTime>& out) {
  std::string written;
  QUOTED_CHECK(read(object, name, written));
  if (written.empty()) return {};
  out = collateral::parse_document_date(written);
  if (!out) return bad(name, "is no time such as 2025-07-04T10:28:44Z");
  return {};
}

Status read(const JsonValue& object, std::string_view name, std::vector<std::string>& out) {
  const JsonValue* const value = present(object, name);
  if (value == nullptr) return {};
  if (value->array() == nullptr) return bad(name, "is no list");
  for (const JsonValue& item : *value->array()) {
    if (item.string() == nullptr) return bad(name, "has an item that is no string");
    out.push_back(*item.string());
  }
  return {};
}

Result<std::uint64_t> number(const JsonValue& object, std::string_view name, std::uint64_t max) {
  const JsonValue* const value = object.member(name);
  if (value == nullptr || value->number() == nullptr || *value->number() > max) {
    return bad(name, text("is missing or no number up to ", max));
  }
  return *value->number();
}

Status number16(const JsonValue& object, std::string_view name, base::Le16& out) {
  QUOTED_TRY(const std::uint64_t value, number(object, name, kMax16));
  out = static_cast<std::uint16_t>(value);
  return {};
}

// What a verdict with a body cannot do without.
template <class T>
Status fixed(const JsonValue& object, std::string_view name, T& out) {
  const JsonValue* const value = object.member(name);
  if (value == nullptr || value->string() == nullptr) return bad(name, "is missing");
  auto parsed = T::parse_hex(*value->string());
  if (!parsed) return bad(name, text("is not as it should be: ", parsed.error().message()));
  out = *parsed;
  return {};
}

// "0x0000000000000005"
Status bits(const JsonValue& object, std::string_view name, base::Le64& out) {
  std::string written;
  QUOTED_CHECK(read(object, name, written));
  constexpr std::string_view kPrefix = "0x";
  std::uint64_t value = 0;
  const char* const end = written.data() + written.size();
  if (!written.starts_with(kPrefix)) return bad(name, "is missing or no bit field");
  const auto [stop, error] = std::from_chars(written.data() + kPrefix.size(), end, value, 16);
  if (error != std::errc() || stop != end) return bad(name, "is no bit field");
  out = value;
  return {};
}

Result<sgx::ReportBody> read_enclave(const JsonValue& in) {
  sgx::ReportBody out;
  QUOTED_CHECK(fixed(in, "mr_enclave", out.mr_enclave));
  QUOTED_CHECK(fixed(in, "mr_signer", out.mr_signer));
  QUOTED_CHECK(number16(in, "isv_prod_id", out.isv_prod_id));
  QUOTED_CHECK(number16(in, "isv_svn", out.isv_svn));
  QUOTED_CHECK(fixed(in, "isv_family_id", out.isv_family_id));
  QUOTED_CHECK(fixed(in, "isv_ext_prod_id", out.isv_ext_prod_id));
  QUOTED_CHECK(fixed(in, "config_id", out.config_id));
  QUOTED_CHECK(number16(in, "config_svn", out.config_svn));
  QUOTED_CHECK(fixed(in, "report_data", out.report_data));
  const JsonValue* const attributes = in.member("attributes");
  if (attributes == nullptr) return bad("attributes", "is missing");
  QUOTED_CHECK(bits(*attributes, "flags", out.attributes.flags));
  QUOTED_CHECK(bits(*attributes, "xfrm", out.attributes.xfrm));
  return out;
}

Result<TdFacts> read_td(const JsonValue& in) {
  TdFacts out;
  quote::TdReport& report = out.report;
  QUOTED_CHECK(fixed(in, "tee_tcb_svn", report.tee_tcb_svn));
  QUOTED_CHECK(fixed(in, "mr_seam", report.mr_seam));
  QUOTED_CHECK(fixed(in, "mr_signer_seam", report.mr_signer_seam));
  QUOTED_CHECK(fixed(in, "seam_attributes", report.seam_attributes));
  QUOTED_CHECK(fixed(in, "td_attributes", report.td_attributes));
  QUOTED_CHECK(fixed(in, "xfam", report.xfam));
  QUOTED_CHECK(fixed(in, "mr_td", report.mr_td));
  QUOTED_CHECK(fixed(in, "mr_config_id", report.mr_config_id));
  QUOTED_CHECK(fixed(in, "mr_owner", report.mr_owner));
  QUOTED_CHECK(fixed(in, "mr_owner_config", report.mr_owner_config));
  QUOTED_CHECK(fixed(in, "rt_mr0", report.rt_mr0));
  QUOTED_CHECK(fixed(in, "rt_mr1", report.rt_mr1));
  QUOTED_CHECK(fixed(in, "rt_mr2", report.rt_mr2));
  QUOTED_CHECK(fixed(in, "rt_mr3", report.rt_mr3));
  QUOTED_CHECK(fixed(in, "report_data", report.report_data));
  if (present(in, "mr_service_td") != nullptr) {
    QUOTED_CHECK(fixed(in, "mr_service_td", out.mr_service_td.emplace()));
  }
  return out;
}

Status read_body(const JsonValue& in, Facts& out) {
  const JsonValue* const enclave = present(in, "enclave");
  const JsonValue* const td = present(in, "td");
  if ((enclave == nullptr) == (td == nullptr)) {
    return fail(ErrorCode::kMalformed,
                "a verdict that is not refused has either 'enclave' or 'td', got neither or both");
  }
  if (enclave != nullptr) {
    QUOTED_TRY(out.body, read_enclave(*enclave));
    return {};
  }
  QUOTED_TRY(out.body, read_td(*td));
  return {};
}

Status read_status(const JsonValue& in, Facts& out) {
  std::string status;
  QUOTED_CHECK(read(in, "status", status));
  out.refused = status == "refused";
  if (!out.refused && status != "verified" && status != "verified_with_warnings") {
    return bad("status", "is missing or unknown; expected what 'quotectl verify --json' prints");
  }
  std::string mode;
  QUOTED_CHECK(read(in, "mode", mode));
  if (mode == "strict") out.mode = Mode::kStrict;
  if (mode == "intel") out.mode = Mode::kIntel;
  if (!mode.empty() && !out.mode) return bad("mode", "is neither 'strict' nor 'intel'");
  std::string collateral;
  QUOTED_CHECK(read(in, "collateral", collateral));
  out.collateral_checked = collateral == "checked";
  return {};
}

Status read_platform(const JsonValue& in, Facts& out) {
  QUOTED_CHECK(read(in, "tcb_status", out.tcb_status));
  QUOTED_CHECK(read(in, "tcb_date", out.tcb_date));
  QUOTED_CHECK(read(in, "qe_tcb_status", out.qe_tcb_status));
  QUOTED_CHECK(read(in, "advisories", out.advisories));
  QUOTED_CHECK(read(in, "documents_issued", out.documents_issued));
  for (const auto& [name, field] :
       {std::pair("tcb_evaluation_data_number", &Facts::tcb_evaluation_data_number),
        std::pair("newest_tcb_evaluation_data_number",
                  &Facts::newest_tcb_evaluation_data_number)}) {
    if (present(in, name) == nullptr) continue;
    QUOTED_TRY(const std::uint64_t value, number(in, name, kMax32));
    out.*field = static_cast<std::uint32_t>(value);
  }
  if (const JsonValue* const pck = present(in, "pck")) {
    QUOTED_CHECK(fixed(*pck, "fmspc", out.fmspc.emplace()));
  }
  return {};
}

}  // namespace

Result<Facts> parse_recorded_verdict(std::string_view json) {
  QUOTED_TRY(const JsonValue all, collateral::parse_json(json));
  if (const std::string twice = collateral::duplicate_member(all); !twice.empty()) {
    return bad(twice, "stands twice");
  }
  // With --policy the verdict is a member of what is printed.
  const JsonValue* const inner = present(all, "verdict");
  const JsonValue& in = inner == nullptr ? all : *inner;
  if (in.object() == nullptr) return fail(ErrorCode::kMalformed, "the JSON is no object");
  Facts out;
  QUOTED_CHECK(read_status(in, out));
  QUOTED_CHECK(read(in, "reason", out.reason));
  QUOTED_CHECK(read(in, "simulated", out.simulated));
  QUOTED_CHECK(read(in, "judged_at", out.judged_at));
  if (out.refused) return out;
  // What would turn a missing word into a yes.
  if (present(in, "simulated") == nullptr) return bad("simulated", "is missing");
  if (present(in, "advisories") == nullptr && out.collateral_checked) {
    return bad("advisories", "is missing");
  }
  QUOTED_CHECK(read_platform(in, out));
  QUOTED_CHECK(read_body(in, out));
  return out;
}

}  // namespace quoted::appraisal
