#include "collateral/qe_identity.h"

#include <algorithm>

namespace quoted::collateral {
namespace {

using base::text;

constexpr QvlStatus kFormat = QvlStatus::kEnclaveIdentityUnsupportedFormat;
constexpr QvlStatus kInvalid = QvlStatus::kEnclaveIdentityInvalid;
constexpr FieldStatuses kUsual{kInvalid, kInvalid};
constexpr std::uint32_t kVersion = 2;

// In the order of the enumeration.
constexpr std::array<std::string_view, 3> kIds{"QE", "TD_QE", "QVE"};

Judged<EnclaveIdentityId> read_id(const JsonValue& body) {
  QUOTED_JUDGE(const std::string* const id, string_field(body, "id", kUsual));
  const auto* const found = std::ranges::find(kIds, *id);
  if (found == kIds.end()) return flaw(kInvalid, "'id' is neither QE, TD_QE nor QVE");
  return static_cast<EnclaveIdentityId>(found - kIds.begin());
}

Judged<QeTcbLevel> read_level(const JsonValue& value) {
  QeTcbLevel out;
  QUOTED_JUDGE(const JsonValue* const tcb, field(value, "tcb", kInvalid));
  QUOTED_JUDGE(out.isv_svn, unsigned_field(*tcb, "isvsvn", kUsual));
  QUOTED_JUDGE(out.tcb_date, date_field(value, "tcbDate", kUsual));
  QUOTED_JUDGE(const std::string* const status, string_field(value, "tcbStatus", kUsual));
  const auto known = parse_tcb_status(*status);
  if (!known || !qe_can_have(*known)) {
    return flaw(kInvalid, "'tcbStatus' of a level is none that a QE can have");
  }
  out.status = *known;
  return out;
}

}  // namespace

std::string_view enclave_identity_id_name(EnclaveIdentityId id) {
  return kIds[static_cast<std::size_t>(id)];
}

Judged<QeIdentity> QeIdentity::parse(std::string_view all) {
  QUOTED_JUDGE(
      SignedDocument document,
      SignedDocument::parse(all, "enclaveIdentity", {kFormat, kInvalid, kFormat, kInvalid, false}));
  const JsonValue& body = document.body;
  QUOTED_JUDGE(const std::uint32_t version, unsigned_field(body, "version", kUsual));
  if (version != kVersion) {
    return flaw(QvlStatus::kEnclaveIdentityUnsupportedVersion,
                text("QE identity of version ", version, ", expected ", kVersion));
  }
  QeIdentity out;
  QUOTED_JUDGE(out.id, read_id(body));
  QUOTED_JUDGE(out.issue_date, date_field(body, "issueDate", kUsual));
  QUOTED_JUDGE(out.next_update, date_field(body, "nextUpdate", kUsual));
  QUOTED_JUDGE(out.misc_select, bytes_field<MiscSelectBytes>(body, "miscselect", kUsual));
  QUOTED_JUDGE(out.misc_select_mask, bytes_field<MiscSelectBytes>(body, "miscselectMask", kUsual));
  QUOTED_JUDGE(out.attributes, bytes_field<AttributesBytes>(body, "attributes", kUsual));
  QUOTED_JUDGE(out.attributes_mask, bytes_field<AttributesBytes>(body, "attributesMask", kUsual));
  QUOTED_JUDGE(out.mr_signer, bytes_field<sgx::MrSigner>(body, "mrsigner", kUsual));
  QUOTED_JUDGE(out.isv_prod_id, unsigned_field(body, "isvprodid", kUsual));
  QUOTED_JUDGE(out.evaluation_number, unsigned_field(body, "tcbEvaluationDataNumber", kUsual));
  QUOTED_JUDGE(const JsonArray* const levels, filled_array_field(body, "tcbLevels", kUsual));
  for (const JsonValue& item : *levels) {
    QUOTED_JUDGE(QeTcbLevel level, read_level(item));
    out.levels.push_back(level);
  }
  if (!document.duplicate.empty()) {
    out.laxities.push_back(
        {kRuleDuplicateMember, text("'", document.duplicate, "' stands twice in the QE identity")});
  }
  out.document = std::move(document);
  return out;
}

}  // namespace quoted::collateral
