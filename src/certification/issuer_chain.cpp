#include "certification/issuer_chain.h"

#include "base/text.h"
#include "collateral/certificate_chain.h"
#include "collateral/pck_certificate.h"
#include "verification/intel/chain_rules.h"
#include "verification/pck_chain.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using collateral::CertificateChain;
using crypto::Certificate;
using verification::intel::label;

constexpr std::size_t kLength = 2;

// A chain is a few kilobytes; Intel's own library takes no more with a whole reply.
constexpr std::size_t kMaxChainText = std::size_t{64} * 1024;

std::string_view common_name(IssuerRole role) {
  switch (role) {
    case IssuerRole::kPlatformCa:
      return "SGX PCK Platform CA";
    case IssuerRole::kProcessorCa:
      return "SGX PCK Processor CA";
    case IssuerRole::kTcbSigner:
      break;
  }
  return collateral::kTcbSigningPhrase;
}

Result<IssuerChain> pick(const CertificateChain& chain, IssuerRole role) {
  const Certificate* const root = chain.root();
  const Certificate* const issuer = chain.topmost();
  const auto invalid = [](std::string message) {
    return fail(ErrorCode::kIssuerChainInvalid, std::move(message));
  };
  if (chain.size() != kLength) {
    return invalid(text(chain.size(), " certificates, expected ", kLength));
  }
  if (root == nullptr || !collateral::is_named(*root, collateral::kRootCaPhrase)) {
    return invalid(text("none of the certificates is a '", collateral::kRootCaPhrase, "'"));
  }
  if (issuer == nullptr || !collateral::is_named(*issuer, common_name(role))) {
    return invalid(text("none of the certificates is a '", common_name(role), "'"));
  }
  for (const Certificate& certificate : chain.certificates()) {
    if (const auto strict = certificate.check_strictly(); !strict) {
      return invalid(strict.error().message());
    }
  }
  return IssuerChain{*issuer, *root};
}

}  // namespace

Result<IssuerChain> IssuerChain::parse(std::string_view pem, IssuerRole role,
                                       std::span<const verification::TrustedRoot> roots,
                                       std::string_view what) {
  // A NUL would end the text early for those who get it through the C interfaces.
  if (pem.size() > kMaxChainText || pem.contains('\0')) {
    return fail(ErrorCode::kIssuerChainInvalid,
                text("the issuer chain of ", what, " has ", pem.size(), " bytes, expected at most ",
                     kMaxChainText, " and none of them NUL"));
  }
  const auto in_context = [&](base::Error error) {
    return std::move(error).with_context(text("the issuer chain of ", what));
  };
  const auto chain = CertificateChain::parse(pem);
  if (!chain) {
    return fail(in_context({ErrorCode::kIssuerChainInvalid, chain.error().detail}));
  }
  auto out = pick(*chain, role);
  if (!out) return fail(in_context(std::move(out).error()));
  QUOTED_TRY(const verification::TrustedRoot* const trusted,
             verification::require_root(roots, out->root, what));
  const Status holds = role == IssuerRole::kTcbSigner
                           ? verification::check_issuer_chain(out->issuer, out->root, trusted->key)
                           : verification::check_ca_chain(out->issuer, out->root, trusted->key);
  if (!holds) return fail(in_context(holds.error()));
  return out;
}

}  // namespace quoted::certification
