// Step TCB info and step QE identity differ in the document, its statuses and one detail of order.
#include <array>

#include "base/text.h"
#include "verification/intel/chain_rules.h"
#include "verification/intel/steps.h"

namespace quoted::verification::intel {
namespace {

using base::text;

template <class Step>
struct Context : Step {
  const crypto::Certificate* root = nullptr;
  const crypto::Certificate* signer = nullptr;
};

constexpr std::size_t kChainLength = 2;

template <class Step>
struct DocumentStatuses;

template <>
struct DocumentStatuses<TcbInfoStep> {
  static constexpr std::string_view kName = "the TCB info";
  static constexpr QvlStatus kBadSignature = QvlStatus::kTcbInfoInvalidSignature;
  static constexpr QvlStatus kExpired = QvlStatus::kTcbInfoExpired;
};

template <>
struct DocumentStatuses<QeIdentityStep> {
  static constexpr std::string_view kName = "the QE identity";
  static constexpr QvlStatus kBadSignature = QvlStatus::kEnclaveIdentityInvalidSignature;
  static constexpr QvlStatus kExpired = QvlStatus::kEnclaveIdentityExpired;
};

template <class Step>
Finding parses(Context<Step>& step) {
  if (!step.document) return tl::unexpected(step.document.error());
  if (!step.chain) return tl::unexpected(step.chain.error());
  if (step.chain->size() != kChainLength) {
    return flaw(QvlStatus::kUnsupportedCertFormat, text("the issuer chain has ", step.chain->size(),
                                                        " certificates, expected ", kChainLength));
  }
  if (!step.root_ca_crl) return tl::unexpected(step.root_ca_crl.error());
  if (step.trusted_root == nullptr) {
    return flaw(QvlStatus::kUnsupportedCertFormat, "there is no trusted root");
  }
  return std::string();
}

template <class Step>
Finding has_root(Context<Step>& step) {
  step.root = step.chain->root();
  if (step.root == nullptr || !collateral::is_named(*step.root, collateral::kRootCaPhrase)) {
    return flaw(QvlStatus::kRootCaMissing,
                text("no self-issued certificate of the issuer chain is a '",
                     collateral::kRootCaPhrase, "'"));
  }
  return label(*step.root);
}

template <class Step>
Finding root_signed(Context<Step>& step) {
  return self_signed(*step.root);
}

template <class Step>
Finding has_signer(Context<Step>& step) {
  step.signer = step.chain->topmost();
  if (step.signer == nullptr ||
      !collateral::is_named(*step.signer, collateral::kTcbSigningPhrase)) {
    return flaw(
        QvlStatus::kTcbSigningCertMissing,
        text("the issuer chain has no '", collateral::kTcbSigningPhrase, "' certificate, but ",
             step.signer == nullptr ? std::string("none that issues nothing")
                                    : label(*step.signer)));
  }
  return label(*step.signer);
}

template <class Step>
Finding signer_signed(Context<Step>& step) {
  return issued(*step.signer, *step.root, QvlStatus::kTcbSigningCertInvalidIssuer);
}

template <class Step>
Finding crl_issued(Context<Step>& step) {
  return crl_of(*step.root_ca_crl, *step.root);
}

template <class Step>
Finding signer_not_revoked(Context<Step>& step) {
  return not_revoked(*step.signer, *step.root_ca_crl, QvlStatus::kTcbSigningCertRevoked);
}

template <class Step>
Finding root_trusted(Context<Step>& step) {
  return trusted(*step.root, step.trusted_root, QvlStatus::kTcbSigningCertChainUntrusted);
}

template <class Step>
Finding document_signed(Context<Step>& step) {
  using Statuses = DocumentStatuses<Step>;
  const auto& document = step.document->document;
  if (step.signer->has_p256_key() && document.signed_compactly(step.signer->public_key())) {
    return std::string();
  }
  return flaw(Statuses::kBadSignature,
              text(Statuses::kName, " is not signed by the key of ", label(*step.signer)));
}

template <class Step>
Finding chain_not_expired(Context<Step>& step) {
  return not_expired({step.root, step.signer}, step.at, QvlStatus::kSigningCertChainExpired);
}

template <class Step>
Finding crl_current(Context<Step>& step) {
  return current(*step.root_ca_crl, "the root CA CRL", step.at);
}

// issueDate is not looked at.
template <class Step>
Finding document_not_expired(Context<Step>& step) {
  using Statuses = DocumentStatuses<Step>;
  if (step.at > step.document->next_update) {
    return flaw(Statuses::kExpired,
                text(Statuses::kName, " was to be replaced by ", utc(step.document->next_update),
                     ", the time is ", utc(step.at)));
  }
  return text("until ", utc(step.document->next_update));
}

// quote-verification 9. The names are given in the order of the rules.
constexpr std::size_t kRuleCount = 12;
using Names = std::array<std::string_view, kRuleCount>;

template <class Step>
constexpr std::array<Rule<Context<Step>>, kRuleCount> rules(const Names& names) {
  return {{{names[0], parses<Step>},
           {names[1], has_root<Step>},
           {names[2], root_signed<Step>},
           {names[3], has_signer<Step>},
           {names[4], signer_signed<Step>},
           {names[5], crl_issued<Step>},
           {names[6], signer_not_revoked<Step>},
           {names[7], root_trusted<Step>},
           {names[8], document_signed<Step>},
           {names[9], chain_not_expired<Step>},
           {names[10], crl_current<Step>},
           {names[11], document_not_expired<Step>}}};
}

constexpr Names kTcbInfoNames{"tcb_info.format",
                              "tcb_info.root",
                              "tcb_info.root_signature",
                              "tcb_info.signer",
                              "tcb_info.signer_signature",
                              "tcb_info.root_crl",
                              "tcb_info.signer_revocation",
                              "tcb_info.trusted_root",
                              "tcb_info.signature",
                              "tcb_info.chain_expiry",
                              "tcb_info.root_crl_expiry",
                              "tcb_info.expiry"};
constexpr Names kQeIdentityNames{"qe_identity.format",
                                 "qe_identity.root",
                                 "qe_identity.root_signature",
                                 "qe_identity.signer",
                                 "qe_identity.signer_signature",
                                 "qe_identity.root_crl",
                                 "qe_identity.signer_revocation",
                                 "qe_identity.trusted_root",
                                 "qe_identity.signature",
                                 "qe_identity.chain_expiry",
                                 "qe_identity.root_crl_expiry",
                                 "qe_identity.expiry"};

constexpr auto kTcbInfoRules = rules<TcbInfoStep>(kTcbInfoNames);
constexpr auto kQeIdentityRules = rules<QeIdentityStep>(kQeIdentityNames);

}  // namespace

QvlStatus run(TcbInfoStep step, std::vector<Check>& checks) {
  Context<TcbInfoStep> context{step};
  return apply<Context<TcbInfoStep>>(kTcbInfoRules, context, checks);
}

QvlStatus run(QeIdentityStep step, std::vector<Check>& checks) {
  Context<QeIdentityStep> context{step};
  return apply<Context<QeIdentityStep>>(kQeIdentityRules, context, checks);
}

std::vector<std::string_view> document_rule_names() {
  std::vector<std::string_view> out(kTcbInfoNames.begin(), kTcbInfoNames.end());
  out.insert(out.end(), kQeIdentityNames.begin(), kQeIdentityNames.end());
  return out;
}

}  // namespace quoted::verification::intel
