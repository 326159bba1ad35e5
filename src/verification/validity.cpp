#include "verification/validity.h"

#include <algorithm>

#include "verification/intel/chain_rules.h"

namespace quoted::verification {
namespace {

class Window {
 public:
  // `name` is asked for what may be the first to expire only.
  template <class Name>
  void add(base::UnixTime from, base::UnixTime until, Name name) {
    out_.earliest_issue = any_ ? std::min(out_.earliest_issue, from) : from;
    out_.latest_issue = any_ ? std::max(out_.latest_issue, from) : from;
    if (!any_ || until < out_.earliest_expiration) {
      out_.earliest_expiration = until;
      out_.earliest_expiring = name();
    }
    any_ = true;
  }
  template <class Document>
  void add_document(const Document& document, const char* name) {
    add(document.issue_date, document.next_update, [&] { return name; });
  }
  void add(const crypto::Crl& crl, const char* name) {
    add(crl.this_update(), crl.next_update(), [&] { return name; });
  }
  void add(const collateral::CertificateChain& chain) {
    for (const crypto::Certificate& certificate : chain.certificates()) {
      add(certificate.not_before(), certificate.not_after(),
          [&] { return intel::label(certificate); });
    }
  }
  [[nodiscard]] Validity take() { return std::move(out_); }

 private:
  Validity out_;
  bool any_ = false;
};

}  // namespace

Validity validity_of(const collateral::ParsedCollateral& parts,
                     const collateral::CertificateChain* chain) {
  Window window;
  window.add_document(*parts.tcb_info, "the TCB info");
  window.add_document(*parts.qe_identity, "the QE identity");
  window.add(*parts.pck_crl, "the PCK CRL");
  window.add(*parts.root_ca_crl, "the root CA CRL");
  window.add(*parts.tcb_info_issuer_chain);
  window.add(*parts.qe_identity_issuer_chain);
  window.add(*parts.pck_crl_issuer_chain);
  if (chain != nullptr) window.add(*chain);
  return window.take();
}

}  // namespace quoted::verification
