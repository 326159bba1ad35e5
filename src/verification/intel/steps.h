// The four steps of Intel's verifier, each as lax and as strict as it is (quote-verification 8 to
// 10), over parts that were parsed before. Their order and what follows from them: one_call.h.
#pragma once

#include <optional>

#include "base/clock.h"
#include "collateral/parsed_collateral.h"
#include "quote/quote.h"
#include "verification/rules.h"
#include "verification/tcb_match.h"

namespace quoted::verification::intel {

// Step PCK: the quote's chain, both CRLs and the trusted root.
struct PckStep {
  const Judged<collateral::CertificateChain>& chain;
  const Judged<crypto::Crl>& root_ca_crl;
  const Judged<crypto::Crl>& pck_crl;
  const crypto::Certificate* trusted_root;  // null when it does not parse
  base::UnixTime at;
};
QvlStatus run(PckStep step, std::vector<Check>& checks);

// Step TCB info.
struct TcbInfoStep {
  const Judged<collateral::TcbInfo>& document;
  const Judged<collateral::CertificateChain>& chain;
  const Judged<crypto::Crl>& root_ca_crl;
  const crypto::Certificate* trusted_root;
  base::UnixTime at;
};
QvlStatus run(TcbInfoStep step, std::vector<Check>& checks);

// Step QE identity.
struct QeIdentityStep {
  const Judged<collateral::QeIdentity>& document;
  const Judged<collateral::CertificateChain>& chain;
  const Judged<crypto::Crl>& root_ca_crl;
  const crypto::Certificate* trusted_root;
  base::UnixTime at;
};
QvlStatus run(QeIdentityStep step, std::vector<Check>& checks);

// Step quote. `quote` is as the lenient parser gives it, with certification type 1 to 5.
struct QuoteStep {
  const Judged<quote::Quote>& quote;
  base::ByteView quote_bytes;
  const Judged<collateral::PckCertificate>& pck;
  const Judged<crypto::Crl>& pck_crl;
  const Judged<collateral::TcbInfo>& tcb_info;
  const Judged<collateral::QeIdentity>& qe_identity;
  // What the step found out; absent when it did not come that far.
  std::optional<TcbMatch> match = std::nullopt;
  std::optional<crypto::P256PublicKey> attestation_key = std::nullopt;
};
QvlStatus run(QuoteStep& step, std::vector<Check>& checks);

// The names of the steps' rules, in order.
[[nodiscard]] std::vector<std::string_view> pck_rule_names();
[[nodiscard]] std::vector<std::string_view> document_rule_names();
[[nodiscard]] std::vector<std::string_view> quote_rule_names();

}  // namespace quoted::verification::intel
