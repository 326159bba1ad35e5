#include "verification/supplemental.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/digest.h"

namespace quoted::verification {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::uint16_t kMajorVersion = 3;

sgx::Le64 date(base::UnixTime time) {
  return sgx::Le64(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}
sgx::Le64 date(const std::optional<base::UnixTime>& time) {
  return date(time.value_or(base::UnixTime()));
}

// Only certificates of the platform CA say anything; the reference never calls the first two false.
void describe_platform(Supplemental& out, const collateral::SgxExtension& platform) {
  out.sgx_type = static_cast<std::uint8_t>(platform.sgx_type);
  out.dynamic_platform = kFlagUndefined;
  out.cached_keys = kFlagUndefined;
  out.smt_enabled = kFlagUndefined;
  if (platform.sgx_type == collateral::SgxType::kStandard) return;
  out.platform_instance_id = platform.platform_instance_id.value_or(sgx::PlatformInstanceId());
  const auto known = platform.configuration.value_or(collateral::PlatformConfiguration());
  if (known.dynamic_platform.value_or(false)) out.dynamic_platform = kFlagTrue;
  if (known.cached_keys.value_or(false)) out.cached_keys = kFlagTrue;
  out.smt_enabled = known.smt_enabled.value_or(false) ? kFlagTrue : kFlagFalse;
}

base::Status list_advisories(Supplemental& out, const std::vector<std::string>& advisories) {
  std::string list;
  for (const std::string& advisory : advisories) list += (list.empty() ? "" : ",") + advisory;
  if (list.size() >= out.sa_list.size()) {
    return fail(ErrorCode::kInvalidArgument,
                base::text("advisories of ", list.size(), " characters, room for ",
                           out.sa_list.size() - 1));
  }
  std::ranges::copy(list, out.sa_list.begin());
  return {};
}

// SHA-384 of the key as X.509 has it.
base::Result<crypto::Sha384> key_id(const crypto::P256Point& key) {
  constexpr std::array kUncompressed{std::byte{4}};
  return crypto::sha384({kUncompressed, key.view()});
}

}  // namespace

base::Result<Supplemental> supplemental_of(const Verdict& verdict, SupplementalVersion version) {
  if (verdict.refusal || !verdict.collateral || !verdict.collateral->supplemental || !verdict.pck) {
    return fail(ErrorCode::kInvalidArgument,
                "only a verdict with collateral that is no refusal has supplemental data");
  }
  const CollateralVerdict& found = *verdict.collateral;
  const SupplementalFacts& facts = *found.supplemental;
  const collateral::SgxExtension& platform = verdict.pck->sgx();

  Supplemental out;
  out.major_version = kMajorVersion;
  out.minor_version = static_cast<std::uint16_t>(version);
  out.earliest_issue_date = date(found.earliest_issue);
  out.latest_issue_date = date(found.latest_issue);
  out.earliest_expiration_date = date(found.earliest_expiration);
  out.tcb_level_date_tag = date(found.tcb_date);
  out.pck_crl_num = facts.pck_crl_number;
  out.root_ca_crl_num = facts.root_ca_crl_number;
  out.tcb_eval_ref_num = found.evaluation_number.value_or(0);
  QUOTED_TRY(const crypto::Sha384 root_key_id, key_id(facts.root_key));
  std::ranges::copy(root_key_id.view(), out.root_key_id.mutable_view().begin());
  out.pck_ppid = platform.ppid;
  out.tcb_cpusvn = platform.cpu_svn;
  out.tcb_pce_isvsvn = platform.pce_svn;
  out.pce_id = platform.pce_id;
  describe_platform(out, platform);
  if (version == SupplementalVersion::k3_3) {
    QUOTED_CHECK(list_advisories(out, found.advisories));
  }
  out.qe_iden_earliest_issue_date = date(facts.qe_chain_earliest_issue);
  out.qe_iden_latest_issue_date = date(facts.qe_chain_latest_issue);
  out.qe_iden_earliest_expiration_date = date(facts.qe_chain_earliest_expiration);
  out.qe_iden_tcb_level_date_tag = date(facts.qe_tcb_date);
  out.qe_iden_tcb_eval_ref_num = facts.qe_evaluation_number;
  return out;
}

}  // namespace quoted::verification
