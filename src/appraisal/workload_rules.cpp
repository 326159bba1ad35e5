#include "appraisal/workload_rules.h"

#include "base/hex.h"
#include "base/text.h"

namespace quoted::appraisal {
namespace {

using base::hex_number;
using base::text;

constexpr int kBitDigits = 16;

// The rules of one alternative.
class AlternativeRules {
 public:
  AlternativeRules(std::string name, std::vector<Rule>& rules)
      : name_(std::move(name)), rules_(rules) {}

  template <class T>
  void one_of(std::string_view key, const OneOf<T>& wanted, const T& observed) {
    if (!wanted.is_set()) return;
    std::vector<std::string> expected;
    for (const T& value : wanted.values) expected.push_back(value.hex());
    check(key, wanted.met_by(observed), observed.hex(), any_of_text(expected));
  }
  void at_least(std::string_view key, const AtLeast& wanted, std::uint16_t observed) {
    if (!wanted.is_set()) return;
    check(key, wanted.met_by(observed), text(observed), text("at least ", *wanted.value));
  }
  void bits(std::string_view key, const Bits& wanted, std::uint64_t observed) {
    if (!wanted.is_set()) return;
    check(key, wanted.met_by(observed), hex_number(observed, kBitDigits),
          text(hex_number(wanted.value, kBitDigits), " in the bits ",
               hex_number(wanted.mask, kBitDigits)));
  }
  void report_data(const Prefix& wanted, const sgx::ReportData& observed) {
    if (!wanted.is_set()) return;
    const bool all = wanted.bytes.size() == sgx::ReportData::kSize;
    check(all ? "report_data" : "report_data_prefix", wanted.met_by(observed.view()),
          observed.hex(), base::to_hex(wanted.bytes) + (all ? "" : " and anything behind"));
  }
  void debug(bool allowed, bool debuggable) {
    check("allow_debug", allowed || !debuggable, debuggable ? "can be debugged" : "no debugging",
          allowed ? "either" : "no debugging");
  }
  void check(std::string_view key, bool passed, std::string observed, std::string expected) {
    rules_.check(text(name_, '.', key), passed, std::move(observed), std::move(expected));
  }
  [[nodiscard]] bool passed() const { return rules_.passed(); }

 private:
  std::string name_;
  RuleList rules_;
};

bool check_one(const EnclaveAlternative& wanted, const sgx::ReportBody& body, std::string name,
               std::vector<Rule>& out) {
  AlternativeRules rules(std::move(name), out);
  rules.one_of("mr_enclave", wanted.mr_enclave, body.mr_enclave);
  rules.one_of("mr_signer", wanted.mr_signer, body.mr_signer);
  if (wanted.isv_prod_id.is_set()) {
    rules.check("isv_prod_id", wanted.isv_prod_id.met_by(body.isv_prod_id),
                text(std::uint16_t{body.isv_prod_id}), text(wanted.isv_prod_id.values.front()));
  }
  rules.at_least("min_isv_svn", wanted.min_isv_svn, body.isv_svn);
  rules.one_of("isv_family_id", wanted.isv_family_id, body.isv_family_id);
  rules.one_of("isv_ext_prod_id", wanted.isv_ext_prod_id, body.isv_ext_prod_id);
  rules.one_of("config_id", wanted.config_id, body.config_id);
  rules.at_least("min_config_svn", wanted.min_config_svn, body.config_svn);
  rules.bits("attributes.flags", wanted.flags, body.attributes.flags);
  rules.bits("attributes.xfrm", wanted.xfrm, body.attributes.xfrm);
  rules.report_data(wanted.report_data, body.report_data);
  rules.debug(wanted.allow_debug, body.attributes.has(sgx::flags::kDebug));
  return rules.passed();
}

bool check_one(const TdAlternative& wanted, const TdFacts& td, std::string name,
               std::vector<Rule>& out) {
  AlternativeRules rules(std::move(name), out);
  const quote::TdReport& report = td.report;
  rules.one_of("mr_td", wanted.mr_td, report.mr_td);
  rules.one_of("rt_mr0", wanted.rt_mr[0], report.rt_mr0);
  rules.one_of("rt_mr1", wanted.rt_mr[1], report.rt_mr1);
  rules.one_of("rt_mr2", wanted.rt_mr[2], report.rt_mr2);
  rules.one_of("rt_mr3", wanted.rt_mr[3], report.rt_mr3);
  rules.one_of("mr_seam", wanted.mr_seam, report.mr_seam);
  rules.one_of("mr_signer_seam", wanted.mr_signer_seam, report.mr_signer_seam);
  rules.one_of("mr_config_id", wanted.mr_config_id, report.mr_config_id);
  rules.one_of("mr_owner", wanted.mr_owner, report.mr_owner);
  rules.one_of("mr_owner_config", wanted.mr_owner_config, report.mr_owner_config);
  if (td.mr_service_td) {
    rules.one_of("mr_service_td", wanted.mr_service_td, *td.mr_service_td);
  } else if (wanted.mr_service_td.is_set()) {
    rules.check("mr_service_td", false, "none: a TD report 1.0", "a TD report 1.5 that has it");
  }
  rules.bits("td_attributes", wanted.td_attributes, to_bits(report.td_attributes));
  rules.bits("xfam", wanted.xfam, to_bits(report.xfam));
  if (wanted.min_tee_tcb_svn) {
    rules.check("min_tee_tcb_svn",
                std::ranges::equal(report.tee_tcb_svn.view(), wanted.min_tee_tcb_svn->view(),
                                   std::ranges::greater_equal()),
                report.tee_tcb_svn.hex(),
                text(wanted.min_tee_tcb_svn->hex(), " or more in every byte"));
  }
  rules.report_data(wanted.report_data, report.report_data);
  rules.debug(wanted.allow_debug, quote::is_debug(report));
  return rules.passed();
}

template <class Alternative, class Body>
std::string check_alternatives(const std::vector<Alternative>& all, const Body& body,
                               std::string_view kind, RuleList& rules) {
  std::vector<std::vector<Rule>> tried(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string name = text(kind, '[', i, ']');
    if (!check_one(all[i], body, name, tried[i])) continue;
    for (std::size_t other = 0; other < i; ++other) {
      rules.skip(text(kind, '[', other, ']'), text(name, " matches"));
    }
    rules.add(std::move(tried[i]));
    for (std::size_t other = i + 1; other < all.size(); ++other) {
      rules.skip(text(kind, '[', other, ']'), text(name, " matches"));
    }
    return name;
  }
  for (auto& of_one : tried) rules.add(std::move(of_one));
  return {};
}

bool is_debug(const Facts& facts) {
  if (const auto* const enclave = std::get_if<sgx::ReportBody>(&facts.body)) {
    return enclave->attributes.has(sgx::flags::kDebug);
  }
  return quote::is_debug(std::get<TdFacts>(facts.body).report);
}

}  // namespace

std::string check_workload(const Policy& policy, const Facts& facts, RuleList& rules) {
  const auto* const enclave = std::get_if<sgx::ReportBody>(&facts.body);
  const auto* const td = std::get_if<TdFacts>(&facts.body);
  const std::string_view kind = enclave != nullptr ? "enclave" : td != nullptr ? "td" : "unknown";
  const bool known = enclave != nullptr || td != nullptr;
  if (policy.any_enclave) {
    rules.check("any_enclave", known, std::string(kind), "any enclave or TD");
    if (!known) return {};
    const bool debug = is_debug(facts);
    rules.check("allow_debug", policy.allow_debug || !debug,
                debug ? "can be debugged" : "no debugging",
                policy.allow_debug ? "either" : "no debugging");
    return "any_enclave";
  }
  const bool wanted =
      (enclave != nullptr && !policy.enclaves.empty()) || (td != nullptr && !policy.tds.empty());
  std::vector<std::string> expected;
  if (!policy.enclaves.empty()) expected.emplace_back("enclave");
  if (!policy.tds.empty()) expected.emplace_back("td");
  rules.check("verdict.tee", wanted, std::string(kind), any_of_text(expected));
  if (!wanted) return {};
  if (enclave != nullptr) return check_alternatives(policy.enclaves, *enclave, kind, rules);
  return check_alternatives(policy.tds, *td, kind, rules);
}

}  // namespace quoted::appraisal
