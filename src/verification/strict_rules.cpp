#include "verification/strict_rules.h"

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "base/text.h"
#include "verification/intel/chain_rules.h"
#include "verification/pck_chain.h"

namespace quoted::verification {
namespace {

using base::ErrorCode;
using base::text;
using collateral::CertificateChain;
using crypto::Certificate;
using intel::label;
using intel::utc;

struct Strict {
  const intel::OneCall& call;
  const StrictOptions& options;
};

// The status says nothing here: every flaw of a strict rule ends in the return of its row.
tl::unexpected<Flaw> refused(std::string detail) {
  return flaw(QvlStatus::kUnsupportedQuoteFormat, std::move(detail));
}

Finding no_trailing_bytes(Strict& strict) {
  const std::size_t count = strict.call.quote->trailing_bytes;
  if (count != 0) return refused(text(count, " bytes follow the quote"));
  return std::string();
}

Finding no_slack_bytes(Strict& strict) {
  const std::size_t count = strict.call.quote->slack_bytes;
  if (count != 0) {
    return refused(text(count, " bytes stand between certification data and the end of the quote"));
  }
  return std::string();
}

Finding chain_profile(Strict& strict) {
  const base::Status& profile = strict.call.carried->profile();
  if (!profile) return refused(profile.error().message());
  return std::string();
}

Finding signing_chain(const CertificateChain& chain, std::string_view name,
                      const TrustedRoot& trusted) {
  const auto status = check_issuer_chain(*chain.topmost(), *chain.root(), trusted.key);
  if (!status) return refused(text(name, ": ", status.error().message()));
  return std::string();
}

Finding tcb_chain_profile(Strict& strict) {
  return signing_chain(*strict.call.collateral.tcb_info_issuer_chain, "TCB info issuer chain",
                       *strict.call.trusted_root);
}

Finding qe_chain_profile(Strict& strict) {
  return signing_chain(*strict.call.collateral.qe_identity_issuer_chain, "QE identity issuer chain",
                       *strict.call.trusted_root);
}

// Intel's verifier takes the dates of this chain and nothing else.
Finding crl_chain_matches(Strict& strict) {
  const CertificateChain& chain = *strict.call.collateral.pck_crl_issuer_chain;
  const Certificate* const issuer = strict.call.chain->intermediate();
  const auto same_key = [](const Certificate* a, const Certificate* b) {
    return a != nullptr && b != nullptr && a->has_p256_key() && b->has_p256_key() &&
           a->public_key().point() == b->public_key().point();
  };
  if (!same_key(chain.intermediate(), issuer) || !same_key(chain.root(), strict.call.root)) {
    return refused(text("the PCK CRL issuer chain is not that of ", label(*issuer)));
  }
  return std::string();
}

Finding root_not_revoked(Strict& strict) {
  if (strict.call.collateral.root_ca_crl->revokes(strict.call.root->serial())) {
    return refused(text(label(*strict.call.root), " revokes itself"));
  }
  return std::string();
}

Finding begun(const CertificateChain& chain, base::UnixTime at) {
  for (const Certificate& certificate : chain.certificates()) {
    if (at < certificate.not_before()) {
      return refused(text(label(certificate), " is valid from ", utc(certificate.not_before()),
                          ", the time is ", utc(at)));
    }
  }
  return std::string();
}

Finding certificates_begun(Strict& strict) {
  const auto& parts = strict.call.collateral;
  for (const CertificateChain* const chain :
       {&*strict.call.chain, &*parts.tcb_info_issuer_chain, &*parts.qe_identity_issuer_chain,
        &*parts.pck_crl_issuer_chain}) {
    if (auto finding = begun(*chain, strict.call.at); !finding) return finding;
  }
  return std::string();
}

Finding issued_before(base::UnixTime issued, base::UnixTime at, std::string_view name) {
  if (at < issued) {
    return refused(text(name, " was issued at ", utc(issued), ", the time is ", utc(at)));
  }
  return std::string();
}

Finding tcb_info_begun(Strict& strict) {
  return issued_before(strict.call.collateral.tcb_info->issue_date, strict.call.at, "the TCB info");
}

Finding qe_identity_begun(Strict& strict) {
  return issued_before(strict.call.collateral.qe_identity->issue_date, strict.call.at,
                       "the QE identity");
}

// Intel's verifier says success and raises a flag that callers overlook.
Finding nothing_expired(Strict& strict) {
  const auto& checks = strict.call.checks;
  const auto expired =
      std::ranges::find_if(checks, [](const Check& check) { return is_expiration(check.status); });
  if (expired != checks.end()) return refused(expired->detail);
  const CollateralVerdict& verdict = strict.call.verdict;
  if (*verdict.earliest_expiration < strict.call.at) {
    return refused(text(verdict.earliest_expiring, " ended at ", utc(*verdict.earliest_expiration),
                        ", the time is ", utc(strict.call.at)));
  }
  return text("until ", utc(*verdict.earliest_expiration));
}

Finding exactly_signed(const collateral::SignedDocument& document, const CertificateChain& chain,
                       std::string_view name) {
  // Where the bytes are those that Intel's verifier wrote, their signature has been checked.
  if (document.exact_body == document.compact_body) return std::string();
  if (document.signed_exactly(chain.topmost()->public_key())) return std::string();
  return refused(text(name, " is not signed as received, only after being written anew"));
}

Finding tcb_info_exact(Strict& strict) {
  const auto& parts = strict.call.collateral;
  return exactly_signed(parts.tcb_info->document, *parts.tcb_info_issuer_chain, "the TCB info");
}

Finding qe_identity_exact(Strict& strict) {
  const auto& parts = strict.call.collateral;
  return exactly_signed(parts.qe_identity->document, *parts.qe_identity_issuer_chain,
                        "the QE identity");
}

Finding no_laxity(const std::vector<collateral::Laxity>& laxities, std::string_view rule) {
  const auto found = std::ranges::find(laxities, rule, &collateral::Laxity::rule);
  if (found != laxities.end()) return refused(found->detail);
  return std::string();
}

Finding no_duplicate_members(Strict& strict) {
  const auto& parts = strict.call.collateral;
  return no_laxity(parts.tcb_info->laxities, collateral::kRuleDuplicateMember);
}

Finding no_duplicate_qe_members(Strict& strict) {
  return no_laxity(strict.call.collateral.qe_identity->laxities, collateral::kRuleDuplicateMember);
}

Finding components_in_range(Strict& strict) {
  return no_laxity(strict.call.collateral.tcb_info->laxities, collateral::kRuleSvnRange);
}

Finding no_bytes_behind_crls(Strict& strict) {
  const auto& parts = strict.call.collateral;
  for (const crypto::Crl* const crl : {&*parts.root_ca_crl, &*parts.pck_crl}) {
    if (crl->trailing_bytes() != 0) {
      return refused(
          text(crl->trailing_bytes(), " bytes follow the CRL of ", label(crl->issuer())));
    }
  }
  return std::string();
}

// A delta CRL, or one for some reasons only, does not list all that is revoked.
Finding crl_extensions_understood(Strict& strict) {
  const auto& parts = strict.call.collateral;
  for (const crypto::Crl* const crl : {&*parts.root_ca_crl, &*parts.pck_crl}) {
    if (!crl->extensions_understood()) {
      return refused(text("the CRL of ", label(crl->issuer()),
                          " has a critical extension that is not understood"));
    }
  }
  return std::string();
}

// Anyone on the machine can read the keys of a debug enclave. An identity whose mask leaves the bit
// open would let one pose as the QE.
Finding qe_not_debugged(Strict& strict) {
  if (strict.call.quote->signature.qe_report.attributes.has(sgx::flags::kDebug)) {
    return refused("the QE report comes from a DEBUG enclave");
  }
  return std::string();
}

// The first byte of TDATTRIBUTES says how far the TD is under its host's eyes; all but DEBUG in it
// is profiling, or reserved.
Finding td_not_observed(Strict& strict) {
  const auto* const report = strict.call.quote->td_report();
  if (report == nullptr) return std::string();
  const std::byte observed = report->td_attributes.view()[0] & std::byte{0xFE};
  if (observed != std::byte{0}) {
    return refused(text("TDATTRIBUTES are ", report->td_attributes.hex(),
                        ": bits of the first byte other than DEBUG let the host observe the TD"));
  }
  return std::string();
}

Finding qe_report_data_filled(Strict& strict) {
  const base::ByteView data = strict.call.quote->signature.qe_report.report_data.view();
  const base::ByteView rest = data.subspan(crypto::P256Point::kSize / 2);
  if (!base::all_zero(rest)) {
    return refused(text("the QE report's data ends in ", base::to_hex(rest), ", expected zeros"));
  }
  return std::string();
}

Finding not_debugged(Strict& strict) {
  if (!strict.call.quote->is_debug()) return std::string();
  if (strict.options.allow_debug) return std::string("debug, which was allowed");
  return refused(text(strict.call.quote->is_tdx() ? "the TD" : "the enclave",
                      " has the DEBUG attribute: its host can read its memory"));
}

struct StrictRule {
  Rule<Strict> rule;
  QvReturn on_flaw;
  ErrorCode error;
};

constexpr std::array kRules{
    StrictRule{{"strict.trailing_bytes", no_trailing_bytes},
               QvReturn::kQuoteFormatUnsupported,
               ErrorCode::kQuoteMalformed},
    StrictRule{{"strict.slack_bytes", no_slack_bytes},
               QvReturn::kQuoteFormatUnsupported,
               ErrorCode::kQuoteMalformed},
    StrictRule{{"strict.pck_chain_profile", chain_profile},
               QvReturn::kPckCertChainError,
               ErrorCode::kChainInvalid},
    StrictRule{{"strict.tcb_info_chain_profile", tcb_chain_profile},
               QvReturn::kTcbInfoChainError,
               ErrorCode::kIssuerChainInvalid},
    StrictRule{{"strict.qe_identity_chain_profile", qe_chain_profile},
               QvReturn::kQeIdentityChainError,
               ErrorCode::kIssuerChainInvalid},
    StrictRule{{"strict.pck_crl_issuer_chain", crl_chain_matches},
               QvReturn::kPckCertChainError,
               ErrorCode::kIssuerChainInvalid},
    StrictRule{{"strict.root_revocation", root_not_revoked},
               QvReturn::kPckRevoked,
               ErrorCode::kCertificateRevoked},
    StrictRule{{"strict.certificate_not_before", certificates_begun},
               QvReturn::kPckCertChainExpired,
               ErrorCode::kCollateralNotYetValid},
    StrictRule{{"strict.tcb_info_issue_date", tcb_info_begun},
               QvReturn::kTcbInfoExpired,
               ErrorCode::kCollateralNotYetValid},
    StrictRule{{"strict.qe_identity_issue_date", qe_identity_begun},
               QvReturn::kEnclaveIdentityExpired,
               ErrorCode::kCollateralNotYetValid},
    StrictRule{{"strict.expiry", nothing_expired},
               QvReturn::kPckCertChainExpired,
               ErrorCode::kCollateralExpired},
    StrictRule{{"strict.tcb_info_exact_bytes", tcb_info_exact},
               QvReturn::kTcbInfoChainError,
               ErrorCode::kTcbInfoSignatureInvalid},
    StrictRule{{"strict.qe_identity_exact_bytes", qe_identity_exact},
               QvReturn::kQeIdentityChainError,
               ErrorCode::kQeIdentitySignatureInvalid},
    StrictRule{{"strict.tcb_info_duplicate_members", no_duplicate_members},
               QvReturn::kTcbInfoUnsupportedFormat,
               ErrorCode::kTcbInfoInvalid},
    StrictRule{{"strict.qe_identity_duplicate_members", no_duplicate_qe_members},
               QvReturn::kQeIdentityUnsupportedFormat,
               ErrorCode::kQeIdentityInvalid},
    StrictRule{{"strict.component_range", components_in_range},
               QvReturn::kTcbInfoUnsupportedFormat,
               ErrorCode::kTcbInfoInvalid},
    StrictRule{{"strict.crl_trailing_bytes", no_bytes_behind_crls},
               QvReturn::kCrlUnsupportedFormat,
               ErrorCode::kCrlInvalid},
    StrictRule{{"strict.crl_extensions", crl_extensions_understood},
               QvReturn::kCrlUnsupportedFormat,
               ErrorCode::kCrlInvalid},
    StrictRule{{"strict.qe_debug", qe_not_debugged},
               QvReturn::kQeIdentityMismatch,
               ErrorCode::kQeReportNotBound},
    StrictRule{
        {"strict.td_attributes", td_not_observed}, QvReturn::kUnexpected, ErrorCode::kDebugEnclave},
    StrictRule{{"strict.qe_report_data", qe_report_data_filled},
               QvReturn::kQeReportUnsupportedFormat,
               ErrorCode::kQeReportNotBound},
    StrictRule{{"strict.debug", not_debugged}, QvReturn::kUnexpected, ErrorCode::kDebugEnclave},
};

// An expired part returns what Intel's table has for it, though Intel's call never returns that.
QvReturn return_for(const StrictRule& row, const intel::OneCall& call) {
  if (row.rule.judge != nothing_expired) return row.on_flaw;
  const auto expired = std::ranges::find_if(
      call.checks, [](const Check& check) { return is_expiration(check.status); });
  return expired == call.checks.end() ? row.on_flaw : strict_return_of_expiration(expired->status);
}

}  // namespace

std::vector<Difference> find_differences(const intel::OneCall& call, const StrictOptions& options,
                                         std::vector<Check>& checks) {
  std::vector<Difference> out;
  Strict strict{call, options};
  for (const StrictRule& row : kRules) {
    std::vector<Check> own;
    if (apply<Strict>(std::span(&row.rule, 1), strict, own) != QvlStatus::kOk) {
      out.push_back(
          {row.rule.name, base::Error(row.error, own.front().detail), return_for(row, call)});
    }
    for (Check& check : own) {
      check.status = QvlStatus::kOk;
      checks.push_back(std::move(check));
    }
  }
  return out;
}

std::vector<std::string_view> strict_rule_names() {
  std::vector<std::string_view> out;
  for (const StrictRule& row : kRules) out.push_back(row.rule.name);
  return out;
}

}  // namespace quoted::verification
