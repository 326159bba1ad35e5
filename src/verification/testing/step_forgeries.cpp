#include "verification/testing/step_forgeries.h"

#include "verification/intel/one_call.h"
#include "verification/testing/forgeries.h"

namespace quoted::verification::testing {
namespace {

using collateral::Collateral;
using collateral::ParsedCollateral;

// The parts of a forgery, parsed as the one call does.
struct Parts {
  explicit Parts(const Spoil& spoil) {
    Forge plan = Forge::sgx();
    spoil(plan);
    forged = plan.make();
    collateral = ParsedCollateral::parse(forged.collateral);
    call.emplace(forged.quote, *collateral, forged.roots, forged.at);
  }

  Forged forged;
  std::optional<ParsedCollateral> collateral;
  std::optional<intel::OneCall> call;
};

void nothing(Forge& /*plan*/) {}

const crypto::Certificate* own_root(const Parts& parts) {
  return parts.call->chain ? parts.call->chain->root() : nullptr;
}

QvlStatus run_pck(const Parts& parts, const crypto::Certificate* root, std::vector<Check>& checks) {
  return run(intel::PckStep{parts.call->chain, parts.collateral->root_ca_crl,
                            parts.collateral->pck_crl, root, parts.forged.at},
             checks);
}

QvlStatus run_quote(const Parts& parts, const collateral::Judged<collateral::PckCertificate>& pck,
                    std::vector<Check>& checks) {
  intel::QuoteStep step{parts.call->quote,
                        parts.forged.quote,
                        pck,
                        parts.collateral->pck_crl,
                        parts.collateral->tcb_info,
                        parts.collateral->qe_identity,
                        std::nullopt};
  return run(step, checks);
}

Spoil garbage(base::Bytes Collateral::* part) {
  return [part](Forge& f) {
    f.afterwards = [part](Forged& made) {
      made.collateral.*part = base::to_bytes(base::as_bytes("garbage"));
    };
  };
}

void add_pck(std::vector<StepForgery>& out) {
  const auto format = [&](const char* what, QvlStatus status, const Spoil& spoil) {
    out.push_back({"pck.format", what, status, [spoil](std::vector<Check>& checks) {
                     const Parts parts(spoil);
                     return run_pck(parts, own_root(parts), checks);
                   }});
  };
  format("chain_of_2", QvlStatus::kUnsupportedCertFormat,
         [](Forge& f) { f.quote_chain = [](const Pems& p) { return p.pck + p.root; }; });
  format("no_certificate", QvlStatus::kUnsupportedCertFormat,
         [](Forge& f) { f.quote_chain = [](const Pems&) { return "no PEM"; }; });
  format("leaf_without_sgx_extension", QvlStatus::kPckInvalidExtensions,
         [](Forge& f) { f.pck.spec.extra.reset(); });
  format("root_crl", QvlStatus::kCrlUnsupportedFormat, garbage(&Collateral::root_ca_crl));
  format("pck_crl", QvlStatus::kCrlUnsupportedFormat, garbage(&Collateral::pck_crl));
  out.push_back(
      {"pck.format", "no_trusted_root", QvlStatus::kTrustedRootCaUnsupportedFormat,
       [](std::vector<Check>& checks) { return run_pck(Parts(nothing), nullptr, checks); }});
  out.push_back({"pck.trusted_root", "not_self_issued", QvlStatus::kTrustedRootCaInvalid,
                 [](std::vector<Check>& checks) {
                   const Parts parts(nothing);
                   return run_pck(parts, parts.call->chain->intermediate(), checks);
                 }});
  // With the same key and names.
  out.push_back({"pck.trusted_root", "issued_again", QvlStatus::kPckCertChainUntrusted,
                 [](std::vector<Check>& checks) {
                   const Parts again(nothing);
                   return run_pck(Parts(nothing), again.call->chain->root(), checks);
                 }});
}

template <class Step>
QvlStatus run_document(const Parts& parts, const crypto::Certificate* root,
                       std::vector<Check>& checks) {
  const ParsedCollateral& from = *parts.collateral;
  if constexpr (std::is_same_v<Step, intel::TcbInfoStep>) {
    return run(
        Step{from.tcb_info, from.tcb_info_issuer_chain, from.root_ca_crl, root, parts.forged.at},
        checks);
  } else {
    return run(Step{from.qe_identity, from.qe_identity_issuer_chain, from.root_ca_crl, root,
                    parts.forged.at},
               checks);
  }
}

template <class Step>
void add_document(std::vector<StepForgery>& out, const std::string& prefix,
                  base::Bytes Collateral::* document, QvlStatus no_json,
                  base::Bytes Collateral::* chain) {
  const auto format = [&](const char* what, QvlStatus status, const Spoil& spoil, bool trusted) {
    out.push_back({prefix + ".format", what, status, [=](std::vector<Check>& checks) {
                     const Parts parts(spoil);
                     return run_document<Step>(parts, trusted ? own_root(parts) : nullptr, checks);
                   }});
  };
  format("no_json", no_json, garbage(document), true);
  format("no_certificate", QvlStatus::kUnsupportedCertFormat, garbage(chain), true);
  format("root_crl", QvlStatus::kCrlUnsupportedFormat, garbage(&Collateral::root_ca_crl), true);
  format("no_trusted_root", QvlStatus::kUnsupportedCertFormat, nothing, false);
  out.push_back({prefix + ".trusted_root", "not_self_issued", QvlStatus::kTrustedRootCaInvalid,
                 [](std::vector<Check>& checks) {
                   const Parts parts(nothing);
                   return run_document<Step>(parts, parts.call->chain->intermediate(), checks);
                 }});
}

void add_quote(std::vector<StepForgery>& out) {
  const auto quote = [&](const char* rule, const char* what, QvlStatus status, const Spoil& spoil) {
    out.push_back({rule, what, status, [spoil](std::vector<Check>& checks) {
                     const Parts parts(spoil);
                     return run_quote(parts, parts.call->pck, checks);
                   }});
  };
  quote("quote.format", "cut", QvlStatus::kUnsupportedQuoteFormat,
        [](Forge& f) { f.afterwards = [](Forged& made) { made.quote.pop_back(); }; });
  quote("quote.pck_crl_format", "garbage", QvlStatus::kUnsupportedPckRlFormat,
        garbage(&Collateral::pck_crl));
  quote("quote.tcb_info_format", "garbage", QvlStatus::kUnsupportedTcbInfoFormat,
        garbage(&Collateral::tcb_info));
  quote("quote.qe_identity_format", "garbage", QvlStatus::kUnsupportedQeIdentityFormat,
        garbage(&Collateral::qe_identity));
  quote("quote.pck_format", "without_sgx_extension", QvlStatus::kInvalidPckCert,
        [](Forge& f) { f.pck.spec.extra.reset(); });
  quote("quote.pck_format", "no_certificate", QvlStatus::kUnsupportedPckCertFormat,
        [](Forge& f) { f.quote_chain = [](const Pems&) { return "no PEM"; }; });
  quote("quote.pck_crl_issuer", "of_the_other_ca", QvlStatus::kInvalidPckCrl,
        [](Forge& f) { f.pck_crl.spec.issuer_cn = collateral::kPlatformCaCn; });
  quote("quote.pck_revocation", "revoked", QvlStatus::kPckRevoked,
        [](Forge& f) { f.pck_crl.revoke(f.pck); });
  out.push_back(
      {"quote.pck_name", "of_a_signer", QvlStatus::kInvalidPckCert, [](std::vector<Check>& checks) {
         Forge plan = Forge::sgx();
         plan.pck.spec.subject_cn = "Intel SGX TCB Signing";
         plan.pck.spec.extra->value = plan.sgx_extension.serialize();
         const auto pck = collateral::PckCertificate::judge(
             crypto::Certificate::parse_der(plan.pck.der()).value());
         return run_quote(Parts(nothing), pck, checks);
       }});
}

}  // namespace

std::vector<StepForgery> step_forgeries() {
  std::vector<StepForgery> out;
  add_pck(out);
  add_document<intel::TcbInfoStep>(out, "tcb_info", &Collateral::tcb_info,
                                   QvlStatus::kTcbInfoUnsupportedFormat,
                                   &Collateral::tcb_info_issuer_chain);
  add_document<intel::QeIdentityStep>(out, "qe_identity", &Collateral::qe_identity,
                                      QvlStatus::kEnclaveIdentityUnsupportedFormat,
                                      &Collateral::qe_identity_issuer_chain);
  add_quote(out);
  return out;
}

}  // namespace quoted::verification::testing
