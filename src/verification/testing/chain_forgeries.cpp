// Forgeries that meet step PCK, step TCB info or step QE identity (quote-verification 8, 9).
#include "base/text.h"
#include "verification/testing/forgeries.h"
#include "verification/testing/test_platform.h"

namespace quoted::verification::testing {
namespace {

using base::text;
using collateral::QvlStatus;

constexpr QvReturn kUnexpected = QvReturn::kUnexpected;
constexpr auto kSecond = std::chrono::seconds(1);

void add_roles(std::vector<Forgery>& out) {
  out.push_back(refused("pck.root", "name", QvlStatus::kRootCaMissing, kUnexpected,
                        [](Forge& f) { f.name_root("Intel Root CA"); }));
  out.push_back(refused("pck.intermediate", "name_without_CA", QvlStatus::kIntermediateCaMissing,
                        kUnexpected,
                        [](Forge& f) { f.name_intermediate("Intel SGX PCK Processor"); }));
  out.push_back(refused("pck.leaf", "name", QvlStatus::kPckMissing, kUnexpected,
                        [](Forge& f) { f.pck.spec.subject_cn = "Intel SGX Certificate"; }));
  out.push_back(refused("pck.root_signature", "by_stranger", QvlStatus::kRootCaInvalidIssuer,
                        kUnexpected, [](Forge& f) { f.root.issuer = stranger(); }));
  out.push_back(refused(
      "pck.intermediate_signature", "by_stranger", QvlStatus::kIntermediateCaInvalidIssuer,
      kUnexpected, [](Forge& f) { f.intermediate.issuer = stranger(); }, 9));
  out.push_back(refused("pck.intermediate_signature", "other_issuer_name",
                        QvlStatus::kIntermediateCaInvalidIssuer, kUnexpected,
                        [](Forge& f) { f.intermediate.spec.issuer_cn = "Intel SGX Root CA 2"; }));
  out.push_back(refused(
      "pck.leaf_signature", "by_stranger", QvlStatus::kPckInvalidIssuer, kUnexpected,
      [](Forge& f) { f.pck.issuer = stranger(); }, 9));
  out.push_back(refused("pck.leaf_signature", "by_the_root", QvlStatus::kPckInvalidIssuer,
                        kUnexpected, [](Forge& f) { f.pck.issuer = f.root.key; }));
  out.push_back(refused("pck.leaf_signature", "other_issuer_name", QvlStatus::kPckInvalidIssuer,
                        kUnexpected,
                        [](Forge& f) { f.pck.spec.issuer_cn = collateral::kPlatformCaCn; }));
}

void add_crls(std::vector<Forgery>& out) {
  // The OID of the authority key id becomes one that nobody knows.
  const Surgery without_key_id = replacing("0603551d23", "0603551d7f");
  for (const auto& [rule, plan] :
       {std::pair{"pck.root_crl", &Forge::root_crl}, std::pair{"pck.pck_crl", &Forge::pck_crl}}) {
    out.push_back(refused(
        rule, "of_the_other_ca", QvlStatus::kCrlUnknownIssuer, kUnexpected,
        [part = plan](Forge& f) { (f.*part).spec.issuer_cn = collateral::kPlatformCaCn; }, 10));
    out.push_back(
        refused(rule, "without_authority_key_id", QvlStatus::kCrlInvalidExtensions, kUnexpected,
                [part = plan, without_key_id](Forge& f) { (f.*part).surgery = without_key_id; }));
    out.push_back(refused(
        rule, "signed_by_stranger", QvlStatus::kCrlInvalidSignature,
        QvReturn::kResultInvalidSignature,
        [part = plan](Forge& f) { (f.*part).issuer = stranger(); }, 10));
  }
  out.push_back(refused(
      "pck.intermediate_revocation", "revoked", QvlStatus::kIntermediateCaRevoked,
      QvReturn::kPckRevoked, [](Forge& f) { f.root_crl.revoke(f.intermediate); }, 12));
  out.push_back(refused("pck.leaf_revocation", "revoked", QvlStatus::kPckRevokedInChain,
                        QvReturn::kPckRevoked, [](Forge& f) { f.pck_crl.revoke(f.pck); }));
}

void add_times(std::vector<Forgery>& out) {
  const auto chain = [&](const char* what, std::vector<std::string> rules,
                         CertificatePlan Forge::* certificate) {
    out.push_back(expired(
        std::move(rules), what, QvlStatus::kPckCertChainExpired, QvReturn::kPckCertChainExpired,
        [certificate](Forge& f) { (f.*certificate).spec.not_after = kNow - kSecond; }, 13));
  };
  chain("leaf", {"pck.chain_expiry"}, &Forge::pck);
  chain("intermediate", {"pck.chain_expiry"}, &Forge::intermediate);
  chain("root", {"pck.chain_expiry", "tcb_info.chain_expiry", "qe_identity.chain_expiry"},
        &Forge::root);

  const auto crl = [&](const char* what, CrlPlan Forge::* plan, std::vector<std::string> rules,
                       base::UnixTime crypto::CrlSpec::* date, base::UnixTime time) {
    out.push_back(expired(
        std::move(rules), what, QvlStatus::kCrlExpired, QvReturn::kCrlExpired,
        [=](Forge& f) { (f.*plan).spec.*date = time; }, 14));
  };
  const std::vector<std::string> root_rules{"pck.root_crl_expiry", "tcb_info.root_crl_expiry",
                                            "qe_identity.root_crl_expiry"};
  crl("past", &Forge::root_crl, root_rules, &crypto::CrlSpec::next_update, kNow - kSecond);
  crl("not_begun", &Forge::root_crl, root_rules, &crypto::CrlSpec::this_update, kNow + kSecond);
  crl("past", &Forge::pck_crl, {"pck.pck_crl_expiry"}, &crypto::CrlSpec::next_update,
      kNow - kSecond);
  crl("not_begun", &Forge::pck_crl, {"pck.pck_crl_expiry"}, &crypto::CrlSpec::this_update,
      kNow + kSecond);
}

// What differs between the two documents.
struct Subject {
  std::string prefix;
  DocumentPlan Forge::* document;
  CertificatePlan Forge::* signer;
  ChainPlan Forge::* chain;
  std::string Pems::* pem;
  QvlStatus bad_signature;
  QvReturn on_bad_signature;
  QvlStatus expired;
  QvReturn on_expired;
  int bug_of_signature;
};

void add_signers(std::vector<Forgery>& out, const Subject& s) {
  const auto row = [&](const char* rule, const char* what, QvlStatus status, QvReturn returned,
                       const Spoil& spoil, int bug = 0) {
    out.push_back(refused(s.prefix + rule, what, status, returned, spoil, bug));
  };
  // Takes a chain, spoils nothing else.
  const auto chain = [&](auto make) -> Spoil {
    return [make, s](Forge& f) {
      f.*s.chain = [make, pem = s.pem](const Pems& p) { return make(p, p.*pem); };
    };
  };
  row(".format", "chain_of_3", QvlStatus::kUnsupportedCertFormat,
      QvReturn::kPckCertUnsupportedFormat,
      chain([](const Pems& p, const std::string& own) { return own + p.intermediate + p.root; }),
      25);
  row(".format", "chain_of_1", QvlStatus::kUnsupportedCertFormat,
      QvReturn::kPckCertUnsupportedFormat,
      chain([](const Pems&, const std::string& own) { return own; }), 25);
  row(".root", "none", QvlStatus::kRootCaMissing, kUnexpected,
      chain([](const Pems& p, const std::string& own) { return own + p.intermediate; }));
  row(".signer", "the_pck_chain", QvlStatus::kTcbSigningCertMissing, kUnexpected,
      chain([](const Pems& p, const std::string&) { return p.intermediate + p.root; }), 7);
  row(".signer", "name", QvlStatus::kTcbSigningCertMissing, kUnexpected,
      [s](Forge& f) { (f.*s.signer).spec.subject_cn = "Intel SGX Signing"; });
  row(
      ".root_signature", "by_stranger", QvlStatus::kRootCaInvalidIssuer, kUnexpected,
      [s](Forge& f) {
        CertificatePlan root = f.root;
        root.issuer = stranger();
        f.*s.chain = [pem = root.pem(), own = s.pem](const Pems& p) { return p.*own + pem; };
      },
      9);
  row(
      ".signer_signature", "by_stranger", QvlStatus::kTcbSigningCertInvalidIssuer, kUnexpected,
      [s](Forge& f) { (f.*s.signer).issuer = stranger(); }, 9);
  // The signer stands last: neither certificate issued the other, and the last one counts.
  row(".signer_signature", "other_issuer_name", QvlStatus::kTcbSigningCertInvalidIssuer,
      kUnexpected, [s](Forge& f) {
        (f.*s.signer).spec.issuer_cn = "Intel SGX Root CA 2";
        f.*s.chain = [own = s.pem](const Pems& p) { return p.root + p.*own; };
      });
  row(
      ".root_crl", "of_another_root", QvlStatus::kCrlInvalidSignature,
      QvReturn::kResultInvalidSignature,
      [s](Forge& f) {
        CertificatePlan root = f.root;
        root.key = root.issuer = stranger();
        (f.*s.signer).issuer = stranger();
        f.*s.chain = [pem = root.pem(), own = s.pem](const Pems& p) { return p.*own + pem; };
      },
      9);
  row(
      ".signer_revocation", "revoked", QvlStatus::kTcbSigningCertRevoked, QvReturn::kPckRevoked,
      [s](Forge& f) { f.root_crl.revoke(f.*s.signer); }, 12);
  // With the same key; Intel's verifier compares certificates by their signatures.
  row(
      ".trusted_root", "issued_again", QvlStatus::kTcbSigningCertChainUntrusted,
      QvReturn::kTcbInfoChainError,
      [s](Forge& f) {
        f.*s.chain = [pem = f.root.pem(), own = s.pem](const Pems& p) { return p.*own + pem; };
      },
      9);
}

void add_signatures(std::vector<Forgery>& out, const Subject& s) {
  const auto row = [&](const char* what, const Spoil& spoil, int bug) {
    out.push_back(
        refused(s.prefix + ".signature", what, s.bad_signature, s.on_bad_signature, spoil, bug));
  };
  row("by_stranger", [s](Forge& f) { (f.*s.document).key = stranger(); }, s.bug_of_signature);
  row("by_the_pck_key", [s](Forge& f) { (f.*s.document).key = f.pck.key; }, 6);
  row("by_the_root_key", [s](Forge& f) { (f.*s.document).key = f.root.key; }, 6);
  row(
      "value_edited",
      [s](Forge& f) {
        (f.*s.document).written_form = [](std::string body) {
          return body.replace(body.find("OutOfDate"), 9, "UpToDate");
        };
      },
      s.bug_of_signature);
  row(
      "issuer_signed_pretty_text",
      [s](Forge& f) {
        const auto pretty = [](const std::string& body) { return Json::parse(body).dump(2); };
        (f.*s.document).signed_form = (f.*s.document).written_form = pretty;
      },
      5);
  row(
      "duplicate_evil_first",
      [s](Forge& f) {
        (f.*s.document).written_form = [](const std::string& body) {
          return R"({"tcbEvaluationDataNumber":99,)" + body.substr(1);
        };
      },
      5);
}

void add_document_times(std::vector<Forgery>& out, const Subject& s) {
  out.push_back(expired(
      {s.prefix + ".chain_expiry"}, "signer", QvlStatus::kSigningCertChainExpired,
      QvReturn::kSigningCertChainExpired,
      [s](Forge& f) { (f.*s.signer).spec.not_after = kNow - kSecond; }, 13));
  out.push_back(expired(
      {s.prefix + ".expiry"}, "past", s.expired, s.on_expired,
      [s](Forge& f) { (f.*s.document).body["nextUpdate"] = "2025-06-15T15:06:39Z"; }, 13));
}

}  // namespace

std::vector<Forgery> pck_forgeries() {
  std::vector<Forgery> out;
  add_roles(out);
  add_crls(out);
  add_times(out);
  return out;
}

std::vector<Forgery> document_forgeries() {
  std::vector<Forgery> out;
  for (const Subject& subject :
       {Subject{"tcb_info", &Forge::tcb_info, &Forge::tcb_signer, &Forge::tcb_chain,
                &Pems::tcb_signer, QvlStatus::kTcbInfoInvalidSignature,
                QvReturn::kTcbInfoChainError, QvlStatus::kTcbInfoExpired, QvReturn::kTcbInfoExpired,
                5},
        Subject{"qe_identity", &Forge::qe_identity, &Forge::qe_signer, &Forge::qe_chain,
                &Pems::qe_signer, QvlStatus::kEnclaveIdentityInvalidSignature,
                QvReturn::kQeIdentityChainError, QvlStatus::kEnclaveIdentityExpired,
                QvReturn::kEnclaveIdentityExpired, 1}}) {
    add_signers(out, subject);
    add_signatures(out, subject);
    add_document_times(out, subject);
  }
  return out;
}

}  // namespace quoted::verification::testing
