#include "appraisal/policy.h"

namespace quoted::appraisal {
namespace {

bool at_least(const std::optional<quote::TeeTcbSvn>& low,
              const std::optional<quote::TeeTcbSvn>& high) {
  const quote::TeeTcbSvn lower = low.value_or(quote::TeeTcbSvn());
  const quote::TeeTcbSvn upper = high.value_or(quote::TeeTcbSvn());
  return std::ranges::equal(lower.view(), upper.view(), std::ranges::less_equal());
}

}  // namespace

std::uint64_t to_bits(const quote::TdFlags& flags) {
  base::Le64 out;
  std::memcpy(&out, flags.view().data(), sizeof out);
  return out;
}

bool Policy::allows_debug() const {
  const auto debuggable = [](const auto& alternative) { return alternative.allow_debug; };
  return allow_debug || std::ranges::any_of(enclaves, debuggable) ||
         std::ranges::any_of(tds, debuggable);
}

bool covers(const EnclaveAlternative& a, const EnclaveAlternative& b) {
  return a.mr_enclave.covers(b.mr_enclave) && a.mr_signer.covers(b.mr_signer) &&
         a.isv_prod_id.covers(b.isv_prod_id) && a.min_isv_svn.covers(b.min_isv_svn) &&
         a.isv_family_id.covers(b.isv_family_id) && a.isv_ext_prod_id.covers(b.isv_ext_prod_id) &&
         a.config_id.covers(b.config_id) && a.min_config_svn.covers(b.min_config_svn) &&
         a.flags.covers(b.flags) && a.xfrm.covers(b.xfrm) && a.report_data.covers(b.report_data) &&
         (a.allow_debug || !b.allow_debug);
}

bool covers(const TdAlternative& a, const TdAlternative& b) {
  for (std::size_t i = 0; i < a.rt_mr.size(); ++i) {
    if (!a.rt_mr[i].covers(b.rt_mr[i])) return false;
  }
  return a.mr_td.covers(b.mr_td) && a.mr_seam.covers(b.mr_seam) &&
         a.mr_signer_seam.covers(b.mr_signer_seam) && a.mr_config_id.covers(b.mr_config_id) &&
         a.mr_owner.covers(b.mr_owner) && a.mr_owner_config.covers(b.mr_owner_config) &&
         a.mr_service_td.covers(b.mr_service_td) && a.td_attributes.covers(b.td_attributes) &&
         a.xfam.covers(b.xfam) && at_least(a.min_tee_tcb_svn, b.min_tee_tcb_svn) &&
         a.report_data.covers(b.report_data) && (a.allow_debug || !b.allow_debug);
}

}  // namespace quoted::appraisal
