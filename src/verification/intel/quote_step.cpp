#include <algorithm>
#include <array>

#include "base/hex.h"
#include "base/text.h"
#include "crypto/compare.h"
#include "crypto/digest.h"
#include "verification/intel/chain_rules.h"
#include "verification/intel/steps.h"

namespace quoted::verification::intel {
namespace {

using base::text;
using collateral::EnclaveIdentityId;
using collateral::SeamAttributes;
using collateral::SeamSigner;
using collateral::TdxModule;

Finding quote_parses(QuoteStep& step) {
  if (!step.quote) return tl::unexpected(step.quote.error());
  return text("version ", std::uint16_t{step.quote->header.version}, ", ", step.quote_bytes.size(),
              " bytes");
}

Finding pck_crl_parses(QuoteStep& step) {
  if (!step.pck_crl) {
    return flaw(QvlStatus::kUnsupportedPckRlFormat, step.pck_crl.error().detail);
  }
  return std::string();
}

Finding tcb_info_parses(QuoteStep& step) {
  if (!step.tcb_info) {
    return flaw(QvlStatus::kUnsupportedTcbInfoFormat, step.tcb_info.error().detail);
  }
  return text("evaluation number ", step.tcb_info->evaluation_number);
}

Finding qe_identity_parses(QuoteStep& step) {
  if (!step.qe_identity) {
    return flaw(QvlStatus::kUnsupportedQeIdentityFormat, step.qe_identity.error().detail);
  }
  return text("evaluation number ", step.qe_identity->evaluation_number);
}

Finding pck_parses(QuoteStep& step) {
  if (step.pck) return text("FMSPC ", step.pck->sgx().fmspc.hex());
  const bool incomplete = step.pck.error().status == QvlStatus::kPckInvalidExtensions;
  return flaw(incomplete ? QvlStatus::kInvalidPckCert : QvlStatus::kUnsupportedPckCertFormat,
              step.pck.error().detail);
}

Finding pck_named(QuoteStep& step) {
  const crypto::Certificate& pck = step.pck->certificate();
  if (!collateral::is_named(pck, collateral::kPckPhrase)) {
    return flaw(QvlStatus::kInvalidPckCert,
                text(label(pck), " is no '", collateral::kPckPhrase, "'"));
  }
  return std::string();
}

Finding pck_crl_of_issuer(QuoteStep& step) {
  const crypto::DistinguishedName& issuer = step.pck_crl->issuer();
  const crypto::Certificate& pck = step.pck->certificate();
  if (issuer.common_name.find(collateral::kCaPhrase) == std::string::npos ||
      issuer.printable != pck.issuer()) {
    return flaw(QvlStatus::kInvalidPckCrl,
                text("the PCK CRL is one of ", label(issuer), ", the PCK certificate one of ",
                     label(pck.issuer_name())));
  }
  return std::string();
}

Finding pck_not_revoked(QuoteStep& step) {
  return not_revoked(step.pck->certificate(), *step.pck_crl, QvlStatus::kPckRevoked);
}

Finding tee_matches(QuoteStep& step) {
  const bool is_tdx = step.quote->is_tdx();
  const bool info_is_tdx = step.tcb_info->tee == collateral::Tee::kTdx;
  if (is_tdx != info_is_tdx) {
    return flaw(
        QvlStatus::kTcbInfoMismatch,
        text("the TCB info of version ", step.tcb_info->version, " is for ",
             info_is_tdx ? "TDX" : "SGX", ", the quote is one of ", is_tdx ? "TDX" : "SGX"));
  }
  return std::string(is_tdx ? "TDX" : "SGX");
}

Finding fmspc_matches(QuoteStep& step) {
  const auto& expected = step.pck->sgx().fmspc;
  if (step.tcb_info->fmspc != expected) {
    return flaw(QvlStatus::kTcbInfoMismatch,
                text("the TCB info is for FMSPC ", step.tcb_info->fmspc.hex(),
                     ", the PCK certificate has ", expected.hex()));
  }
  return expected.hex();
}

Finding pce_id_matches(QuoteStep& step) {
  const auto& expected = step.pck->sgx().pce_id;
  if (step.tcb_info->pce_id != expected) {
    return flaw(QvlStatus::kTcbInfoMismatch,
                text("the TCB info is for PCE id ", step.tcb_info->pce_id.hex(),
                     ", the PCK certificate has ", expected.hex()));
  }
  return expected.hex();
}

Finding pck_key_usable(QuoteStep& step) {
  if (!step.pck->certificate().has_p256_key()) {
    return flaw(QvlStatus::kInvalidPckCert, "the key of the PCK certificate is no P-256 key");
  }
  return std::string();
}

Finding module_matches(const quote::TdReport& report, const TdxModule& module,
                       std::string_view name) {
  if (!base::equal(report.mr_signer_seam.view(), module.mr_signer.view())) {
    return flaw(QvlStatus::kTdxModuleMismatch, text("MRSIGNERSEAM is ", report.mr_signer_seam.hex(),
                                                    ", ", name, " has ", module.mr_signer.hex()));
  }
  // Intel's verifier does not apply the mask.
  const base::ByteView attributes = report.seam_attributes.view();
  if (!base::all_zero(attributes) || !base::equal(attributes, module.attributes.view())) {
    return flaw(QvlStatus::kTdxModuleMismatch,
                text("SEAMATTRIBUTES are ", report.seam_attributes.hex(), ", expected zero and ",
                     module.attributes.hex()));
  }
  return std::string(name);
}

Finding tdx_module_known(QuoteStep& step) {
  const quote::TdReport* const report = step.quote->td_report();
  if (report == nullptr) return std::string("not TDX");
  const auto version = std::to_integer<std::uint8_t>(report->tee_tcb_svn.view()[1]);
  if (version == 0) return module_matches(*report, *step.tcb_info->tdx_module, "'tdxModule'");
  const auto* const identity = find_module(*step.tcb_info, version);
  if (identity == nullptr) {
    return flaw(QvlStatus::kTdxModuleMismatch,
                text("the TCB info has no identity for a TDX module of version ", version));
  }
  return module_matches(*report, identity->module, identity->id);
}

Finding qe_report_signed(QuoteStep& step) {
  const auto& block = step.quote->signature;
  if (!step.pck->certificate().public_key().verify(base::struct_bytes(block.qe_report),
                                                   block.qe_report_signature)) {
    return flaw(QvlStatus::kInvalidQeReportSignature,
                "the key of the PCK certificate did not sign the QE report");
  }
  return std::string();
}

Finding qe_report_bound(QuoteStep& step) {
  const auto& block = step.quote->signature;
  const auto hash = crypto::sha256({block.attestation_key.view(), step.quote->authentication_data});
  const base::ByteView observed = block.qe_report.report_data.view();
  if (!hash || !crypto::constant_time_equal(observed.first(crypto::Sha256::kSize), hash->view())) {
    return flaw(QvlStatus::kInvalidQeReportData,
                text("the QE report's data begins with ",
                     base::to_hex(observed.first(crypto::Sha256::kSize)),
                     ", the hash of attestation key and authentication data is ",
                     hash ? hash->hex() : "unknown"));
  }
  return std::string();
}

Finding qe_identity_of_tee(QuoteStep& step) {
  const EnclaveIdentityId expected =
      step.quote->is_tdx() ? EnclaveIdentityId::kTdQe : EnclaveIdentityId::kQe;
  if (step.qe_identity->id != expected) {
    return flaw(QvlStatus::kQeIdentityMismatch,
                text("the identity is that of ", enclave_identity_id_name(step.qe_identity->id),
                     ", expected ", enclave_identity_id_name(expected)));
  }
  return std::string(enclave_identity_id_name(expected));
}

// The identity's own value is not masked, so a bit outside the mask in it fits no report.
Finding masked_equal(base::ByteView observed, base::ByteView mask, base::ByteView expected,
                     std::string_view name) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if ((observed[i] & mask[i]) != expected[i]) {
      return flaw(QvlStatus::kQeIdentityMismatch,
                  text("the QE report's ", name, " is ", base::to_hex(observed), ", expected ",
                       base::to_hex(expected), " under the mask ", base::to_hex(mask)));
    }
  }
  return std::string();
}

Finding qe_misc_select_matches(QuoteStep& step) {
  return masked_equal(base::struct_bytes(step.quote->signature.qe_report.misc_select),
                      step.qe_identity->misc_select_mask.view(),
                      step.qe_identity->misc_select.view(), "MISCSELECT");
}

Finding qe_attributes_match(QuoteStep& step) {
  return masked_equal(base::struct_bytes(step.quote->signature.qe_report.attributes),
                      step.qe_identity->attributes_mask.view(), step.qe_identity->attributes.view(),
                      "ATTRIBUTES");
}

Finding qe_signer_matches(QuoteStep& step) {
  const auto& observed = step.quote->signature.qe_report.mr_signer;
  if (observed != step.qe_identity->mr_signer) {
    return flaw(QvlStatus::kQeIdentityMismatch,
                text("the QE report's MRSIGNER is ", observed.hex(), ", expected ",
                     step.qe_identity->mr_signer.hex()));
  }
  return std::string();
}

Finding qe_product_matches(QuoteStep& step) {
  const std::uint16_t observed = step.quote->signature.qe_report.isv_prod_id;
  if (observed != step.qe_identity->isv_prod_id) {
    return flaw(QvlStatus::kQeIdentityMismatch, text("the QE report's ISVPRODID is ", observed,
                                                     ", expected ", step.qe_identity->isv_prod_id));
  }
  return std::string();
}

Finding quote_signed(QuoteStep& step) {
  const auto& block = step.quote->signature;
  auto key = crypto::P256PublicKey::create(block.attestation_key);
  if (!key) {
    return flaw(QvlStatus::kUnsupportedQuoteFormat,
                text("the attestation key is no P-256 key: ", block.attestation_key.hex()));
  }
  step.attestation_key = *std::move(key);
  if (!step.attestation_key->verify(step.quote->signed_bytes(),
                                    block.quote_signature)) {
    return flaw(QvlStatus::kInvalidQuoteSignature,
                "the attestation key did not sign header and body");
  }
  return std::string();
}

// A level of a quote that is refused all the same must not read like an acceptance.
std::string_view worth(std::string_view status) {
  return status == "UpToDate" ? "current" : status;
}

std::string describe(const TcbMatch& match) {
  std::string out = match.level == nullptr
                        ? std::string("the platform is below every TCB level")
                        : text("the platform's TCB level of ", utc(match.level->tcb_date), " is ",
                               worth(tcb_status_name(match.level->status)));
  out += match.qe_level == nullptr ? std::string(", the QE is below every level of its identity")
                                   : text(", the QE's of ", utc(match.qe_level->tcb_date), " is ",
                                          worth(tcb_status_name(match.qe_level->status)));
  if (match.module_level != nullptr) {
    out += text(", the TDX module's of ", utc(match.module_level->tcb_date), " is ",
                worth(match.module_level->status));
  }
  return out;
}

Finding tcb_level(QuoteStep& step) {
  step.match = match_tcb(*step.quote, step.pck->sgx(), *step.tcb_info, *step.qe_identity);
  if (step.match->status != QvlStatus::kOk) {
    return flaw(step.match->status, describe(*step.match));
  }
  return describe(*step.match);
}

// quote-verification 10.
constexpr std::array kRules{
    Rule<QuoteStep>{"quote.format", quote_parses},
    Rule<QuoteStep>{"quote.pck_crl_format", pck_crl_parses},
    Rule<QuoteStep>{"quote.tcb_info_format", tcb_info_parses},
    Rule<QuoteStep>{"quote.qe_identity_format", qe_identity_parses},
    Rule<QuoteStep>{"quote.pck_format", pck_parses},
    Rule<QuoteStep>{"quote.pck_name", pck_named},
    Rule<QuoteStep>{"quote.pck_crl_issuer", pck_crl_of_issuer},
    Rule<QuoteStep>{"quote.pck_revocation", pck_not_revoked},
    Rule<QuoteStep>{"quote.tee", tee_matches},
    Rule<QuoteStep>{"quote.fmspc", fmspc_matches},
    Rule<QuoteStep>{"quote.pce_id", pce_id_matches},
    Rule<QuoteStep>{"quote.pck_key", pck_key_usable},
    Rule<QuoteStep>{"quote.tdx_module", tdx_module_known},
    Rule<QuoteStep>{"quote.qe_report_signature", qe_report_signed},
    Rule<QuoteStep>{"quote.qe_report_binding", qe_report_bound},
    Rule<QuoteStep>{"quote.qe_identity_id", qe_identity_of_tee},
    Rule<QuoteStep>{"quote.qe_misc_select", qe_misc_select_matches},
    Rule<QuoteStep>{"quote.qe_attributes", qe_attributes_match},
    Rule<QuoteStep>{"quote.qe_mr_signer", qe_signer_matches},
    Rule<QuoteStep>{"quote.qe_isv_prod_id", qe_product_matches},
    Rule<QuoteStep>{"quote.signature", quote_signed},
    Rule<QuoteStep>{"quote.tcb_level", tcb_level},
};

}  // namespace

QvlStatus run(QuoteStep& step, std::vector<Check>& checks) {
  return apply<QuoteStep>(kRules, step, checks);
}

std::vector<std::string_view> quote_rule_names() {
  std::vector<std::string_view> out;
  for (const auto& rule : kRules) out.push_back(rule.name);
  return out;
}

}  // namespace quoted::verification::intel
