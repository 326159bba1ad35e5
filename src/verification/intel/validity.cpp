#include "verification/intel/validity.h"

#include <algorithm>

#include "verification/intel/chain_rules.h"

namespace quoted::verification::intel {
namespace {

class Window {
 public:
  explicit Window(CollateralVerdict& out) : out_(out) {}

  void add(std::string_view name, base::UnixTime from, base::UnixTime until) {
    out_.earliest_issue = std::min(out_.earliest_issue.value_or(from), from);
    out_.latest_issue = std::max(out_.latest_issue.value_or(from), from);
    if (!out_.earliest_expiration || until < *out_.earliest_expiration) {
      out_.earliest_expiration = until;
      out_.earliest_expiring = name;
    }
  }
  void add(const collateral::CertificateChain& chain) {
    for (const crypto::Certificate& certificate : chain.certificates()) {
      add(label(certificate), certificate.not_before(), certificate.not_after());
    }
  }

 private:
  CollateralVerdict& out_;
};

}  // namespace

void take_validity(CollateralVerdict& verdict, const OneCall& call) {
  const auto& parts = call.collateral;
  verdict.documents_issued =
      std::min({parts.tcb_info->issue_date, parts.qe_identity->issue_date,
                parts.pck_crl->this_update()});
  Window window(verdict);
  window.add("the TCB info", parts.tcb_info->issue_date, parts.tcb_info->next_update);
  window.add("the QE identity", parts.qe_identity->issue_date, parts.qe_identity->next_update);
  window.add("the PCK CRL", parts.pck_crl->this_update(), parts.pck_crl->next_update());
  window.add("the root CA CRL", parts.root_ca_crl->this_update(),
             parts.root_ca_crl->next_update());
  window.add(*parts.tcb_info_issuer_chain);
  window.add(*parts.qe_identity_issuer_chain);
  window.add(*parts.pck_crl_issuer_chain);
  window.add(*call.chain);
  verdict.expiration_status = *verdict.earliest_expiration <= call.at ? 1 : 0;
}

}  // namespace quoted::verification::intel
