// What Intel's verifier accepts and the strict mode refuses.
#include "test_support/vectors.h"
#include "verification/testing/forgeries.h"
#include "verification/testing/quote_layout.h"
#include "verification/testing/test_platform.h"

namespace quoted::verification::testing {
namespace {

using collateral::Collateral;

constexpr auto kDay = std::chrono::hours(24);

std::string pretty(const std::string& compact) { return Json::parse(compact).dump(2); }

// The first letter of a member's value by its number.
std::string escaped(const std::string& compact) {
  std::string out = compact;
  return out.replace(out.find("UpToDate"), 1, "\\u0055");
}

// The same member once more, at the end, where no reader that takes the first sees it.
std::string twice(const std::string& compact) {
  return compact.substr(0, compact.size() - 1) + R"(,"tcbEvaluationDataNumber":99})";
}

void add_quotes(std::vector<Forgery>& out) {
  constexpr QvReturn kReturn = QvReturn::kQuoteFormatUnsupported;
  out.push_back(lax(
      "strict.trailing_bytes", "one", kReturn,
      [](Forge& f) { f.afterwards = [](Forged& made) { made.quote.push_back(std::byte{0}); }; },
      23));
  const auto slack = [](Forge& f) {
    f.afterwards = [](Forged& made) {
      made.quote.push_back(std::byte{0});
      add_le32(made.quote, offset::kSignatureLength, 1);
    };
  };
  out.push_back(lax("strict.slack_bytes", "one", kReturn, slack, 23));
  out.push_back(lax("strict.slack_bytes", "one_in_version_4", kReturn, slack, 23,
                    [] { return Forge::sgx(quote::kVersion4); }));
  out.push_back(lax(
      "strict.qe_report_data", "byte_32", QvReturn::kQeReportUnsupportedFormat,
      [](Forge& f) {
        f.after_binding = [](sgx::ReportBody& qe) {
          qe.report_data.mutable_view()[32] = std::byte{1};
        };
      },
      4));
  out.push_back(lax(
      "strict.qe_debug", "open_mask", QvReturn::kQeIdentityMismatch,
      [](Forge& f) {
        auto& attributes = f.quote.signature.qe_report.attributes;
        attributes.flags = attributes.flags | sgx::flags::kDebug;
        auto mask = f.qe_identity.body["attributesMask"].get<std::string>();
        f.qe_identity.body["attributesMask"] = mask.replace(0, 2, "F9");
      },
      2));
  for (const int bit : {1, 4, 7}) {
    out.push_back(lax(
        "strict.td_attributes", "bit_" + std::to_string(bit), QvReturn::kUnexpected,
        [bit](Forge& f) { f.td_report().td_attributes.mutable_view()[0] = std::byte{1} << bit; },
        28, tdx4));
  }
  out.push_back(lax(
      "strict.debug", "enclave", QvReturn::kUnexpected,
      [](Forge& f) {
        auto& attributes = std::get<sgx::ReportBody>(f.quote.body).attributes;
        attributes.flags = attributes.flags | sgx::flags::kDebug;
      },
      28));
  out.push_back(lax(
      "strict.debug", "td", QvReturn::kUnexpected,
      [](Forge& f) { f.td_report().td_attributes.mutable_view()[0] = std::byte{1}; }, 28, tdx4));
}

void add_chains(std::vector<Forgery>& out) {
  const auto chain = [&](const char* what, int bug, const Spoil& spoil) {
    out.push_back(lax("strict.pck_chain_profile", what, QvReturn::kPckCertChainError, spoil, bug));
  };
  chain("intermediate_is_no_ca", 32, [](Forge& f) { f.intermediate.spec.ca_path_length.reset(); });
  chain("leaf_is_a_ca", 32, [](Forge& f) { f.pck.spec.ca_path_length = 0; });
  chain("path_length", 32, [](Forge& f) { f.root.spec.ca_path_length = 0; });
  chain("authority_key_id", 32,
        [](Forge& f) { f.pck.spec.authority_key_id.mutable_view()[19] = std::byte{1}; });
  // The curve's OID in the subject public key becomes that of prime192v1; Intel's verifier takes
  // the point for one of P-256 whatever the certificate says.
  chain("key_of_another_curve", 32,
        [](Forge& f) { f.pck.surgery = replacing("2a8648ce3d030107", "2a8648ce3d030101"); });
  chain("root_first", 25, [](Forge& f) {
    f.quote_chain = [](const Pems& p) { return p.root + p.intermediate + p.pck; };
  });
  chain("text_between", 25, [](Forge& f) {
    f.quote_chain = [](const Pems& p) { return p.pck + "text\n" + p.intermediate + p.root; };
  });

  for (const auto& [rule, signer, returned] :
       {std::tuple{"strict.tcb_info_chain_profile", &Forge::tcb_signer,
                   QvReturn::kTcbInfoChainError},
        std::tuple{"strict.qe_identity_chain_profile", &Forge::qe_signer,
                   QvReturn::kQeIdentityChainError}}) {
    out.push_back(lax(
        rule, "signer_is_a_ca", returned,
        [part = signer](Forge& f) { (f.*part).spec.ca_path_length = 0; }, 32));
    out.push_back(lax(
        rule, "authority_key_id", returned,
        [part = signer](Forge& f) {
          (f.*part).spec.authority_key_id.mutable_view()[19] = std::byte{1};
        },
        32));
  }

  const auto crl_chain = [&](const char* what, CertificatePlan Forge::* certificate,
                             ChainPlan (*plan)(const std::string&)) {
    out.push_back(lax(
        "strict.pck_crl_issuer_chain", what, QvReturn::kPckCertChainError,
        [=](Forge& f) {
          CertificatePlan other = f.*certificate;
          other.key = stranger();
          f.pck_crl_chain = plan(other.pem());
        },
        10));
  };
  crl_chain("other_intermediate", &Forge::intermediate, [](const std::string& pem) -> ChainPlan {
    return [pem](const Pems& p) { return pem + p.root; };
  });
  crl_chain("other_root", &Forge::root, [](const std::string& pem) -> ChainPlan {
    return [pem](const Pems& p) { return p.intermediate + pem; };
  });
  out.push_back(lax(
      "strict.root_revocation", "by_itself", QvReturn::kPckRevoked,
      [](Forge& f) { f.root_crl.revoke(f.root); }, 12));
}

void add_times(std::vector<Forgery>& out) {
  for (const auto& [what, certificate] :
       {std::pair{"root", &Forge::root}, std::pair{"intermediate", &Forge::intermediate},
        std::pair{"leaf", &Forge::pck}, std::pair{"tcb_signer", &Forge::tcb_signer},
        std::pair{"qe_signer", &Forge::qe_signer}}) {
    out.push_back(lax(
        "strict.certificate_not_before", what, QvReturn::kPckCertChainExpired,
        [part = certificate](Forge& f) { (f.*part).spec.not_before = kNow + kDay; }, 14));
  }
  out.push_back(lax(
      "strict.tcb_info_issue_date", "tomorrow", QvReturn::kTcbInfoExpired,
      [](Forge& f) { f.tcb_info.body["issueDate"] = "2025-06-16T15:06:40Z"; }, 14));
  out.push_back(lax(
      "strict.qe_identity_issue_date", "tomorrow", QvReturn::kEnclaveIdentityExpired,
      [](Forge& f) { f.qe_identity.body["issueDate"] = "2025-06-16T15:06:40Z"; }, 14));
  // No step looks at this chain, only the flag knows.
  Forgery row = lax(
      "strict.expiry", "pck_crl_issuer_chain", QvReturn::kPckCertChainExpired,
      [](Forge& f) {
        CertificatePlan ended = f.intermediate;
        ended.spec.not_after = kNow - kDay;
        f.pck_crl_chain = [pem = ended.pem()](const Pems& p) { return pem + p.root; };
      },
      13);
  row.expiration_status = 1;
  out.push_back(std::move(row));
}

void add_documents(std::vector<Forgery>& out) {
  for (const auto& [rule, document, returned] :
       {std::tuple{"strict.tcb_info_exact_bytes", &Forge::tcb_info, QvReturn::kTcbInfoChainError},
        std::tuple{"strict.qe_identity_exact_bytes", &Forge::qe_identity,
                   QvReturn::kQeIdentityChainError}}) {
    out.push_back(lax(
        rule, "pretty_printed", returned,
        [part = document](Forge& f) { (f.*part).written_form = pretty; }, 5));
    out.push_back(lax(
        rule, "escaped", returned,
        [part = document](Forge& f) { (f.*part).written_form = escaped; }, 5));
  }
  for (const auto& [rule, document, returned] :
       {std::tuple{"strict.tcb_info_duplicate_members", &Forge::tcb_info,
                   QvReturn::kTcbInfoUnsupportedFormat},
        std::tuple{"strict.qe_identity_duplicate_members", &Forge::qe_identity,
                   QvReturn::kQeIdentityUnsupportedFormat}}) {
    out.push_back(lax(
        rule, "evaluation_number", returned,
        [part = document](Forge& f) { (f.*part).signed_form = (f.*part).written_form = twice; },
        5));
  }
  // The first counts for Intel's verifier, the last for most others.
  out.push_back(lax(
      "strict.tcb_info_duplicate_members", "second_body", QvReturn::kTcbInfoUnsupportedFormat,
      [](Forge& f) {
        f.afterwards = [](Forged& made) {
          base::Bytes& text = made.collateral.tcb_info;
          text.pop_back();
          base::append(text, base::as_bytes(R"(,"tcbInfo":{}})"));
        };
      },
      5));
  out.push_back(lax(
      "strict.component_range", "261_which_is_5_modulo_256", QvReturn::kTcbInfoUnsupportedFormat,
      [](Forge& f) { f.level(0)["tcb"]["sgxtcbcomponents"][0]["svn"] = 261; }, 20));
  for (const auto& [what, crl] :
       {std::pair{"root_ca_crl", &Forge::root_crl}, std::pair{"pck_crl", &Forge::pck_crl}}) {
    out.push_back(lax(
        "strict.crl_extensions", what, QvReturn::kCrlUnsupportedFormat,
        [part = crl](Forge& f) {
          // A delta CRL lists only what changed since CRL 1.
          (f.*part).spec.critical_extra = {"2.5.29.27", test::unhex("020101")};
        },
        11));
  }
  for (const auto& [what, crl] : {std::pair{"root_ca_crl", &Collateral::root_ca_crl},
                                  std::pair{"pck_crl", &Collateral::pck_crl}}) {
    out.push_back(lax(
        "strict.crl_trailing_bytes", what, QvReturn::kCrlUnsupportedFormat,
        [part = crl](Forge& f) {
          f.afterwards = [part](Forged& made) { (made.collateral.*part).push_back(std::byte{0}); };
        },
        23));
  }
}

}  // namespace

std::vector<Forgery> strict_forgeries() {
  std::vector<Forgery> out;
  add_quotes(out);
  add_chains(out);
  add_times(out);
  add_documents(out);
  return out;
}

}  // namespace quoted::verification::testing
