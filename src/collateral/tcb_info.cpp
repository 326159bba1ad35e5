#include "collateral/tcb_info.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/hex.h"

namespace quoted::collateral {
namespace {

using base::text;

constexpr QvlStatus kFormat = QvlStatus::kTcbInfoUnsupportedFormat;
constexpr QvlStatus kInvalid = QvlStatus::kTcbInfoInvalid;
constexpr FieldStatuses kUsual{kFormat, kInvalid};
constexpr FieldStatuses kAlwaysFormat{kFormat, kFormat};
constexpr FieldStatuses kAlwaysInvalid{kInvalid, kInvalid};

// Intel's verifier takes SVNs modulo 256; no genuine document has larger ones.
std::uint8_t component(std::uint32_t svn, std::string_view name, std::vector<Laxity>& laxities) {
  if (svn > std::numeric_limits<std::uint8_t>::max()) {
    laxities.push_back({kRuleSvnRange, text(name, " is ", svn, ", while an SVN has 8 bits")});
  }
  return static_cast<std::uint8_t>(svn);
}

Judged<TcbComponents> read_component_array(const JsonValue& tcb, std::string_view name,
                                           std::vector<Laxity>& laxities) {
  QUOTED_JUDGE(const JsonValue* const value, field(tcb, name, kFormat));
  TcbComponents out{};
  if (value->array() == nullptr || value->array()->size() != out.size()) {
    return flaw(kFormat, text("'", name, "' is not an array of ", out.size(), " components"));
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const JsonValue& item = (*value->array())[i];
    QUOTED_JUDGE(const std::uint32_t svn, unsigned_field(item, "svn", kAlwaysFormat));
    for (const std::string_view label : {"category", "type"}) {
      const JsonValue* const labelled = item.member(label);
      if (labelled != nullptr && labelled->string() == nullptr) {
        return flaw(kFormat, text("'", label, "' of a component is not a string"));
      }
    }
    out[i] = component(svn, text(name, '[', i, ']'), laxities);
  }
  return out;
}

Judged<TcbComponents> read_numbered_components(const JsonValue& tcb,
                                               std::vector<Laxity>& laxities) {
  TcbComponents out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t number = i + 1;
    const std::string name = text("sgxtcbcomp", number < 10 ? "0" : "", number, "svn");
    QUOTED_JUDGE(const std::uint32_t svn, unsigned_field(tcb, name, kUsual));
    out[i] = component(svn, name, laxities);
  }
  return out;
}

Judged<TcbLevel> read_level(const JsonValue& value, const TcbInfo& info,
                            std::vector<Laxity>& laxities) {
  TcbLevel out;
  QUOTED_JUDGE(out.tcb_date, date_field(value, "tcbDate", kUsual));
  QUOTED_JUDGE(const std::string* const status, string_field(value, "tcbStatus", kAlwaysFormat));
  const auto known = parse_tcb_status(*status);
  if (!known) return flaw(kInvalid, "'tcbStatus' is none of the seven statuses");
  out.status = *known;
  QUOTED_JUDGE(out.advisories, advisories_field(value, kInvalid));
  QUOTED_JUDGE(const JsonValue* const tcb, field(value, "tcb", kFormat));
  QUOTED_JUDGE(out.pce_svn, unsigned_field(*tcb, "pcesvn", kAlwaysFormat));
  if (info.version == 2) {
    QUOTED_JUDGE(out.sgx_components, read_numbered_components(*tcb, laxities));
    return out;
  }
  QUOTED_JUDGE(out.sgx_components, read_component_array(*tcb, "sgxtcbcomponents", laxities));
  if (info.tee == Tee::kTdx) {
    QUOTED_JUDGE(out.tdx_components, read_component_array(*tcb, "tdxtcbcomponents", laxities));
  }
  return out;
}

// The order in which a platform is held against the levels (quote-verification 5).
auto rank(const TcbLevel& level) {
  return std::tie(level.sgx_components, level.pce_svn, level.tdx_components);
}

Judged<std::vector<TcbLevel>> read_levels(const JsonValue& body, const TcbInfo& info,
                                          std::vector<Laxity>& laxities) {
  QUOTED_JUDGE(const JsonArray* const items, filled_array_field(body, "tcbLevels", kAlwaysInvalid));
  std::vector<TcbLevel> out;
  for (const JsonValue& item : *items) {
    QUOTED_JUDGE(TcbLevel level, read_level(item, info, laxities));
    out.push_back(std::move(level));
  }
  const auto higher = [](const TcbLevel& a, const TcbLevel& b) { return rank(a) > rank(b); };
  std::ranges::sort(out, higher);
  const auto same = [](const TcbLevel& a, const TcbLevel& b) { return rank(a) == rank(b); };
  if (std::ranges::adjacent_find(out, same) != out.end()) {
    return flaw(kInvalid, "two TCB levels have the same SVNs");
  }
  return out;
}

Judged<TdxModule> read_module(const JsonValue& value, const FieldStatuses& statuses) {
  TdxModule out;
  QUOTED_JUDGE(out.mr_signer, bytes_field<SeamSigner>(value, "mrsigner", statuses));
  QUOTED_JUDGE(out.attributes, bytes_field<SeamAttributes>(value, "attributes", statuses));
  QUOTED_JUDGE(out.attributes_mask, bytes_field<SeamAttributes>(value, "attributesMask", statuses));
  return out;
}

Judged<TdxModuleLevel> read_module_level(const JsonValue& value) {
  TdxModuleLevel out;
  QUOTED_JUDGE(const JsonValue* const tcb, field(value, "tcb", kFormat));
  QUOTED_JUDGE(const std::uint32_t isv_svn, unsigned_field(*tcb, "isvsvn", kAlwaysFormat));
  if (isv_svn > std::numeric_limits<std::uint16_t>::max()) {
    return flaw(kFormat, text("'isvsvn' of a TDX module is ", isv_svn));
  }
  out.isv_svn = static_cast<std::uint16_t>(isv_svn);
  QUOTED_JUDGE(out.tcb_date, date_field(value, "tcbDate", kAlwaysFormat));
  QUOTED_JUDGE(const std::string* const status, string_field(value, "tcbStatus", kAlwaysFormat));
  out.status = *status;
  QUOTED_JUDGE(out.advisories, advisories_field(value, kFormat));
  return out;
}

std::string upper_case(std::string value) {
  std::ranges::transform(value, value.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return value;
}

Judged<TdxModuleIdentity> read_module_identity(const JsonValue& value) {
  TdxModuleIdentity out;
  QUOTED_JUDGE(const std::string* const id, string_field(value, "id", kAlwaysFormat));
  out.id = upper_case(*id);
  QUOTED_JUDGE(out.module, read_module(value, kAlwaysFormat));
  QUOTED_JUDGE(const JsonArray* const levels,
               filled_array_field(value, "tcbLevels", kAlwaysFormat));
  for (const JsonValue& item : *levels) {
    QUOTED_JUDGE(TdxModuleLevel level, read_module_level(item));
    out.levels.push_back(std::move(level));
  }
  std::ranges::sort(out.levels, std::greater(), &TdxModuleLevel::isv_svn);
  const auto same =
      std::ranges::adjacent_find(out.levels, std::equal_to(), &TdxModuleLevel::isv_svn);
  if (same != out.levels.end()) {
    return flaw(kFormat, text("two levels of ", out.id, " have the same isvsvn"));
  }
  return out;
}

Judged<TcbInfo> read_tdx(const JsonValue& body, TcbInfo out) {
  const JsonValue* const module = body.member("tdxModule");
  const JsonValue* const identities = body.member("tdxModuleIdentities");
  if (out.tee == Tee::kSgx) {
    if (module != nullptr) return flaw(kInvalid, "'tdxModule' stands in TCB info for SGX");
    if (identities != nullptr) {
      return flaw(kInvalid, "'tdxModuleIdentities' stands in TCB info for SGX");
    }
    return out;
  }
  if (module == nullptr) return flaw(kInvalid, "'tdxModule' is missing in TCB info for TDX");
  if (module->object() == nullptr) return flaw(kFormat, "'tdxModule' is not an object");
  QUOTED_JUDGE(out.tdx_module, read_module(*module, kAlwaysFormat));
  if (identities == nullptr) return out;
  QUOTED_JUDGE(const JsonArray* const items,
               filled_array_field(body, "tdxModuleIdentities", kAlwaysInvalid));
  for (const JsonValue& item : *items) {
    QUOTED_JUDGE(TdxModuleIdentity identity, read_module_identity(item));
    out.tdx_module_identities.push_back(std::move(identity));
  }
  return out;
}

Judged<Tee> read_tee(const JsonValue& body) {
  QUOTED_JUDGE(const std::string* const id, string_field(body, "id", kUsual));
  if (*id == "SGX") return Tee::kSgx;
  if (*id == "TDX") return Tee::kTdx;
  return flaw(kInvalid, "'id' is neither SGX nor TDX");
}

}  // namespace

Judged<TcbInfo> TcbInfo::parse(std::string_view all) {
  QUOTED_JUDGE(SignedDocument document,
               SignedDocument::parse(all, "tcbInfo", {kFormat, kFormat, kInvalid, kInvalid, true}));
  const JsonValue& body = document.body;
  TcbInfo out;
  QUOTED_JUDGE(out.version, unsigned_field(body, "version", kUsual));
  if (out.version != 2 && out.version != 3) {
    return flaw(kInvalid, text("TCB info of version ", out.version, ", expected 2 or 3"));
  }
  if (out.version == 3) {
    QUOTED_JUDGE(out.tee, read_tee(body));
  }
  QUOTED_JUDGE(out.issue_date, date_field(body, "issueDate", kUsual));
  QUOTED_JUDGE(out.next_update, date_field(body, "nextUpdate", kUsual));
  QUOTED_JUDGE(out.fmspc, bytes_field<sgx::Fmspc>(body, "fmspc", kUsual));
  QUOTED_JUDGE(out.pce_id, bytes_field<sgx::PceId>(body, "pceId", kUsual));
  QUOTED_JUDGE(const std::uint32_t tcb_type, unsigned_field(body, "tcbType", kUsual));
  if (tcb_type != 0) return flaw(kInvalid, text("'tcbType' is ", tcb_type, ", expected 0"));
  QUOTED_JUDGE(out.evaluation_number, unsigned_field(body, "tcbEvaluationDataNumber", kUsual));
  QUOTED_JUDGE(out.levels, read_levels(body, out, out.laxities));
  if (out.version == 3) {
    QUOTED_JUDGE(out, read_tdx(body, std::move(out)));
  }
  if (!document.duplicate.empty()) {
    out.laxities.push_back(
        {kRuleDuplicateMember, text("'", document.duplicate, "' stands twice in the TCB info")});
  }
  out.document = std::move(document);
  return out;
}

}  // namespace quoted::collateral
