#include "appraisal/explain.h"

#include "appraisal/rule_list.h"
#include "base/hex.h"
#include "base/text.h"
#include "config/durations.h"
#include "config/mistakes.h"
#include "verification/intel/chain_rules.h"

namespace quoted::appraisal {
namespace {

using base::hex_number;
using base::text;

constexpr int kBitDigits = 16;

std::string list(const Statuses& statuses) {
  return any_of_text({statuses.values.begin(), statuses.values.end()});
}

std::string list(const std::vector<std::string>& ids) {
  std::string out;
  for (const std::string& id : ids) out += text(out.empty() ? "" : ", ", id);
  return out;
}

std::string grace_sentence(const Grace& grace) {
  std::string out = text(list(grace.tcb_status), " passes too, as long as ");
  if (grace.max_tcb_age) {
    out += text("the TCB date is at most ", config::duration_text(*grace.max_tcb_age),
                " before the verification");
  }
  if (grace.until_tcb_evaluation_data_number) {
    out += text(grace.max_tcb_age ? " and " : "", "the TCB evaluation data number is at most ",
                *grace.until_tcb_evaluation_data_number);
  }
  return out + '.';
}

void explain_platform(const PlatformPolicy& platform, std::vector<std::string>& out) {
  out.push_back(text("The platform's TCB status must be ", list(platform.tcb_status), '.'));
  if (platform.grace) out.push_back(grace_sentence(*platform.grace));
  if (platform.qe_tcb_status.is_set()) {
    out.push_back(
        text("The Quoting Enclave's TCB status must be ", list(platform.qe_tcb_status), '.'));
  }
  if (platform.min_tcb_evaluation_data_number) {
    out.push_back(text("The TCB evaluation data number must be ",
                       *platform.min_tcb_evaluation_data_number, " or more."));
  }
  if (platform.min_tcb_date) {
    out.push_back(text("The TCB date must be ", verification::intel::utc(*platform.min_tcb_date),
                       " or later."));
  }
  if (platform.allowed_advisories) {
    out.push_back(platform.allowed_advisories->empty()
                      ? std::string("No security advisory may apply to the platform.")
                      : text("No security advisory may apply to the platform but ",
                             list(*platform.allowed_advisories), '.'));
  }
  if (!platform.rejected_advisories.empty()) {
    out.push_back(text("None of the security advisories ", list(platform.rejected_advisories),
                       " may apply to the platform."));
  }
  if (platform.fmspc.is_set()) {
    std::vector<std::string> values;
    for (const auto& fmspc : platform.fmspc.values) values.push_back(fmspc.hex());
    out.push_back(text("The platform's FMSPC must be ", any_of_text(values), '.'));
  }
  out.emplace_back(platform.allow_simulated
                       ? "SIMULATED PLATFORMS PASS, which have no security: for tests only."
                       : "Simulated platforms are refused.");
}

// The demands of one alternative, joined by commas.
class Demands {
 public:
  void add(std::string demand) { all_ += text(all_.empty() ? "" : ", ", demand); }
  template <class T>
  void one_of(std::string_view key, const OneOf<T>& wanted) {
    if (!wanted.is_set()) return;
    std::vector<std::string> values;
    for (const T& value : wanted.values) values.push_back(value.hex());
    add(text(key, ' ', any_of_text(values)));
  }
  void at_least(std::string_view key, const AtLeast& wanted) {
    if (wanted.is_set()) add(text(key, " at least ", *wanted.value));
  }
  void bits(std::string_view key, const Bits& wanted) {
    if (!wanted.is_set()) return;
    add(text(key, ' ', hex_number(wanted.value, kBitDigits), " in the bits ",
             hex_number(wanted.mask, kBitDigits)));
  }
  void report_data(const Prefix& wanted) {
    if (!wanted.is_set()) return;
    add(text(wanted.bytes.size() == sgx::ReportData::kSize ? "report data "
                                                           : "report data beginning with ",
             base::to_hex(wanted.bytes)));
  }
  [[nodiscard]] std::string sentence(std::string_view kind, std::size_t index,
                                     const std::string& name, bool allow_debug) const {
    return text(kind, '[', index, ']', name.empty() ? "" : text(' ', config::shown(name)), ": ",
                all_,
                allow_debug ? "; IT MAY BE DEBUGGED, which lets its host read its memory."
                            : "; refused when it can be debugged.");
  }

 private:
  std::string all_;
};

std::string explain_one(const EnclaveAlternative& wanted, std::size_t index) {
  Demands demands;
  demands.one_of("MRENCLAVE", wanted.mr_enclave);
  demands.one_of("MRSIGNER", wanted.mr_signer);
  if (wanted.isv_prod_id.is_set()) {
    demands.add(text("product ", wanted.isv_prod_id.values.front()));
  } else if (!wanted.mr_enclave.is_set()) {
    demands.add("any product of this signer");
  }
  demands.at_least("ISVSVN", wanted.min_isv_svn);
  demands.one_of("family id", wanted.isv_family_id);
  demands.one_of("extended product id", wanted.isv_ext_prod_id);
  demands.one_of("CONFIGID", wanted.config_id);
  demands.at_least("CONFIGSVN", wanted.min_config_svn);
  demands.bits("attribute flags", wanted.flags);
  demands.bits("XFRM", wanted.xfrm);
  demands.report_data(wanted.report_data);
  return demands.sentence("enclave", index, wanted.name, wanted.allow_debug);
}

std::string explain_one(const TdAlternative& wanted, std::size_t index) {
  Demands demands;
  demands.one_of("MRTD", wanted.mr_td);
  bool runtime = false;
  for (std::size_t i = 0; i < wanted.rt_mr.size(); ++i) {
    demands.one_of(text("RTMR", i), wanted.rt_mr[i]);
    runtime = runtime || wanted.rt_mr[i].is_set();
  }
  if (!runtime) demands.add("any system that this firmware starts");
  demands.one_of("MRSEAM", wanted.mr_seam);
  demands.one_of("MRSIGNERSEAM", wanted.mr_signer_seam);
  demands.one_of("MRCONFIGID", wanted.mr_config_id);
  demands.one_of("MROWNER", wanted.mr_owner);
  demands.one_of("MROWNERCONFIG", wanted.mr_owner_config);
  demands.one_of("MRSERVICETD", wanted.mr_service_td);
  demands.bits("TDATTRIBUTES", wanted.td_attributes);
  demands.bits("XFAM", wanted.xfam);
  if (wanted.min_tee_tcb_svn) {
    demands.add(text("TEE TCB SVN at least ", wanted.min_tee_tcb_svn->hex(), " in every byte"));
  }
  demands.report_data(wanted.report_data);
  return demands.sentence("td", index, wanted.name, wanted.allow_debug);
}

}  // namespace

std::vector<std::string> explain(const Policy& policy) {
  std::vector<std::string> out;
  out.emplace_back(
      "The verifier must not have refused the quote, in strict mode and with collateral.");
  explain_platform(policy.platform, out);
  if (policy.max_collateral_age) {
    out.push_back(text("TCB info, QE identity and PCK CRL must be issued at most ",
                       config::duration_text(*policy.max_collateral_age),
                       " before the verification."));
  }
  if (policy.any_enclave) {
    out.emplace_back(policy.allow_debug ? "ANY ENCLAVE OR TD PASSES, also one that can be debugged."
                                        : "ANY ENCLAVE OR TD PASSES that cannot be debugged.");
    return out;
  }
  if (policy.tds.empty()) out.emplace_back("Quotes of TDs are refused.");
  if (policy.enclaves.empty()) out.emplace_back("Quotes of SGX enclaves are refused.");
  out.emplace_back(policy.enclaves.size() + policy.tds.size() == 1
                       ? "This must match:"
                       : "One of these must match, whichever:");
  for (std::size_t i = 0; i < policy.enclaves.size(); ++i) {
    out.push_back(explain_one(policy.enclaves[i], i));
  }
  for (std::size_t i = 0; i < policy.tds.size(); ++i) {
    out.push_back(explain_one(policy.tds[i], i));
  }
  return out;
}

}  // namespace quoted::appraisal
