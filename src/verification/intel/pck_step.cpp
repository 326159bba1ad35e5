#include <array>

#include "base/text.h"
#include "verification/intel/chain_rules.h"
#include "verification/intel/steps.h"

namespace quoted::verification::intel {
namespace {

using base::text;

// With every part in its role, once the first rules have found them.
struct Context : PckStep {
  const crypto::Certificate* root = nullptr;
  const crypto::Certificate* intermediate = nullptr;
  const crypto::Certificate* pck = nullptr;
};

constexpr std::size_t kChainLength = 3;

Finding parses(Context& step) {
  if (!step.chain) return tl::unexpected(step.chain.error());
  if (step.chain->size() != kChainLength) {
    return flaw(QvlStatus::kUnsupportedCertFormat, text("the chain has ", step.chain->size(),
                                                        " certificates, expected ", kChainLength));
  }
  if (!step.root_ca_crl) return tl::unexpected(step.root_ca_crl.error());
  if (!step.pck_crl) return tl::unexpected(step.pck_crl.error());
  if (step.trusted_root == nullptr) {
    return flaw(QvlStatus::kTrustedRootCaUnsupportedFormat, "there is no trusted root");
  }
  return std::string();
}

Finding has_root(Context& step) {
  step.root = step.chain->root();
  if (step.root == nullptr || !collateral::is_named(*step.root, collateral::kRootCaPhrase)) {
    return flaw(QvlStatus::kRootCaMissing, text("no self-issued certificate of the chain is a '",
                                                collateral::kRootCaPhrase, "'"));
  }
  return label(*step.root);
}

Finding has_intermediate(Context& step) {
  step.intermediate = step.chain->intermediate();
  if (step.intermediate == nullptr) {
    return flaw(
        QvlStatus::kIntermediateCaMissing,
        text("no certificate of the chain is an intermediate '", collateral::kCaPhrase, "'"));
  }
  return label(*step.intermediate);
}

Finding has_pck(Context& step) {
  step.pck = step.chain->pck();
  if (step.pck == nullptr) {
    return flaw(QvlStatus::kPckMissing,
                text("no certificate of the chain is a '", collateral::kPckPhrase, "'"));
  }
  return label(*step.pck);
}

Finding root_signed(Context& step) { return self_signed(*step.root); }

Finding intermediate_signed(Context& step) {
  return issued(*step.intermediate, *step.root, QvlStatus::kIntermediateCaInvalidIssuer);
}

Finding pck_signed(Context& step) {
  return issued(*step.pck, *step.intermediate, QvlStatus::kPckInvalidIssuer);
}

Finding root_trusted(Context& step) {
  return trusted(*step.root, step.trusted_root, QvlStatus::kPckCertChainUntrusted);
}

Finding root_crl_issued(Context& step) { return crl_of(*step.root_ca_crl, *step.root); }
Finding pck_crl_issued(Context& step) { return crl_of(*step.pck_crl, *step.intermediate); }

Finding intermediate_not_revoked(Context& step) {
  return not_revoked(*step.intermediate, *step.root_ca_crl, QvlStatus::kIntermediateCaRevoked);
}

Finding pck_not_revoked(Context& step) {
  return not_revoked(*step.pck, *step.pck_crl, QvlStatus::kPckRevokedInChain);
}

Finding chain_not_expired(Context& step) {
  return not_expired({step.root, step.intermediate, step.pck}, step.at,
                     QvlStatus::kPckCertChainExpired);
}

Finding root_crl_current(Context& step) {
  return current(*step.root_ca_crl, "the root CA CRL", step.at);
}

Finding pck_crl_current(Context& step) { return current(*step.pck_crl, "the PCK CRL", step.at); }

}  // namespace

// quote-verification 8.
constexpr std::array kRules{
    Rule<Context>{"pck.format", parses},
    Rule<Context>{"pck.root", has_root},
    Rule<Context>{"pck.intermediate", has_intermediate},
    Rule<Context>{"pck.leaf", has_pck},
    Rule<Context>{"pck.root_signature", root_signed},
    Rule<Context>{"pck.intermediate_signature", intermediate_signed},
    Rule<Context>{"pck.leaf_signature", pck_signed},
    Rule<Context>{"pck.trusted_root", root_trusted},
    Rule<Context>{"pck.root_crl", root_crl_issued},
    Rule<Context>{"pck.pck_crl", pck_crl_issued},
    Rule<Context>{"pck.intermediate_revocation", intermediate_not_revoked},
    Rule<Context>{"pck.leaf_revocation", pck_not_revoked},
    Rule<Context>{"pck.chain_expiry", chain_not_expired},
    Rule<Context>{"pck.root_crl_expiry", root_crl_current},
    Rule<Context>{"pck.pck_crl_expiry", pck_crl_current},
};

QvlStatus run(PckStep step, std::vector<Check>& checks) {
  Context context{step};
  return apply<Context>(kRules, context, checks);
}

std::vector<std::string_view> pck_rule_names() {
  std::vector<std::string_view> out;
  for (const auto& rule : kRules) out.push_back(rule.name);
  return out;
}

}  // namespace quoted::verification::intel
