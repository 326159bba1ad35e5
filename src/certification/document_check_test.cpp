#include "certification/document_check.h"

#include <gmock/gmock.h>

#include "certification/testing/test_world.h"
#include "test_support/vectors.h"
#include "verification/testing/forge.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using testing::kNow;
using testing::TestWorld;
using verification::testing::Forge;
using verification::testing::Forged;
using verification::testing::stranger;
using namespace std::chrono_literals;

template <class T>
ErrorCode code(const base::Result<T>& result) {
  return result ? ErrorCode::kInternal : result.error().code();  // kInternal: it is good
}

std::string text_of(const base::Bytes& bytes) { return std::string(base::as_text(bytes)); }

// ---- Documents that are forged with one thing spoilt

struct Part {
  DocumentRequest request;
  base::Bytes collateral::Collateral::* body;
  base::Bytes collateral::Collateral::* chain;  // null: there is none
};

const sgx::Fmspc kForgedFmspc = sgx::Fmspc::parse_hex("00606A000000").value();
const Part kTcbInfo{TcbInfoRequest{collateral::Tee::kSgx, kForgedFmspc},
                    &collateral::Collateral::tcb_info,
                    &collateral::Collateral::tcb_info_issuer_chain};
const Part kQeIdentity{EnclaveIdentityRequest{EnclaveIdentity::kQe},
                       &collateral::Collateral::qe_identity,
                       &collateral::Collateral::qe_identity_issuer_chain};
const Part kRootCrl{RootCaCrlRequest{"https://example.org/root.der"},
                    &collateral::Collateral::root_ca_crl, nullptr};

Part pck_crl(const Forge& plan) {
  const bool platform = plan.intermediate.spec.subject_cn.contains("Platform");
  return {PckCrlRequest{platform ? collateral::PckCa::kPlatform : collateral::PckCa::kProcessor},
          &collateral::Collateral::pck_crl, &collateral::Collateral::pck_crl_issuer_chain};
}
const Part kPckCrl = pck_crl(Forge::sgx());

base::Result<DocumentFacts> examine(const Forged& made, const Part& part) {
  const Document document{made.collateral.*part.body, part.chain == nullptr
                                                          ? std::string()
                                                          : text_of(made.collateral.*part.chain)};
  return DocumentCheck(made.roots).examine(part.request, document);
}

using Spoil = std::function<void(Forge&)>;

ErrorCode spoilt(const Part& part, const Spoil& spoil) {
  Forge plan = Forge::sgx();
  spoil(plan);
  return code(examine(plan.make(), part));
}

Spoil afterwards(std::function<void(collateral::Collateral&)> change) {
  return [change](Forge& f) { f.afterwards = [change](Forged& made) { change(made.collateral); }; };
}

TEST(DocumentCheck, GenuineDocumentsAreGood) {
  const Forged made = Forge::sgx().make();
  for (const Part& part : {kTcbInfo, kQeIdentity, kRootCrl, kPckCrl}) {
    const auto facts = examine(made, part);
    ASSERT_TRUE(facts) << facts.error().summary();
    EXPECT_TRUE(check_current(*facts, "it", made.at));
    EXPECT_EQ(facts->root_key, made.roots.front().key.point());
    EXPECT_EQ(facts->crl.has_value(), part.body == &collateral::Collateral::root_ca_crl ||
                                          part.body == &collateral::Collateral::pck_crl);
  }
  EXPECT_EQ(examine(made, kTcbInfo)->edition.number, base::Bytes{std::byte{17}});
}

TEST(DocumentCheck, IntelsOwnDocumentsAreGood) {
  using quoted::test::read_text_vector;
  using quoted::test::read_vector;
  const DocumentCheck check({verification::intel_root()});
  const auto document = [](const std::string& body, const std::string& chain) {
    return Document{read_vector("real-collateral/" + body),
                    chain.empty() ? "" : read_text_vector("real-collateral/" + chain)};
  };
  struct Real {
    DocumentRequest request;
    std::string body;
    std::string chain;
  };
  const std::string newer = "tcb-signing-chain-2025.pem";
  const std::string older = "tcb-signing-chain-2018.pem";
  for (const Real& real :
       {Real{EnclaveIdentityRequest{EnclaveIdentity::kQe}, "qe-identity-v2-pcs-body.json", newer},
        Real{EnclaveIdentityRequest{EnclaveIdentity::kQe}, "qe-identity-v2-pcs-body.json", older},
        Real{EnclaveIdentityRequest{EnclaveIdentity::kQve}, "qve-identity-v2-pcs-body.json", newer},
        Real{kTcbInfo.request, "tcbinfo-v3-sgx-00606A000000.json", newer},
        Real{kTcbInfo.request, "tcbinfo-v3-sgx-00606a000000-eval19.json", newer},
        Real{RootCaCrlRequest{}, "../real-crls/root-ca-crl.der", ""}}) {
    const auto facts = check.examine(real.request, document(real.body, real.chain));
    EXPECT_TRUE(facts) << real.body << ": " << facts.error().summary();
  }
  EXPECT_EQ(code(check.examine(EnclaveIdentityRequest{EnclaveIdentity::kTdQe},
                               document("qve-identity-v2-pcs-body.json", newer))),
            ErrorCode::kCollateralMismatch);
}

TEST(DocumentCheck, SignaturesCountOverTheExactBytes) {
  EXPECT_EQ(spoilt(kTcbInfo, [](Forge& f) { f.tcb_info.key = stranger(); }),
            ErrorCode::kTcbInfoSignatureInvalid);
  EXPECT_EQ(spoilt(kQeIdentity, [](Forge& f) { f.qe_identity.key = stranger(); }),
            ErrorCode::kQeIdentitySignatureInvalid);
  // Intel's verifier writes the body anew before it looks, and would take this.
  const auto spaced = [](const std::string& body) { return "{ " + body.substr(1); };
  EXPECT_EQ(spoilt(kTcbInfo, [&](Forge& f) { f.tcb_info.written_form = spaced; }),
            ErrorCode::kTcbInfoSignatureInvalid);
  EXPECT_EQ(spoilt(kPckCrl, [](Forge& f) { f.pck_crl.issuer = stranger(); }),
            ErrorCode::kCrlInvalid);
  EXPECT_EQ(spoilt(kRootCrl, [](Forge& f) { f.root_crl.issuer = stranger(); }),
            ErrorCode::kCrlInvalid);
}

TEST(DocumentCheck, WhatDoesNotParseIsNamed) {
  EXPECT_EQ(spoilt(kTcbInfo, afterwards([](auto& c) { c.tcb_info.pop_back(); })),
            ErrorCode::kTcbInfoInvalid);
  EXPECT_EQ(spoilt(kQeIdentity, afterwards([](auto& c) { c.qe_identity.pop_back(); })),
            ErrorCode::kQeIdentityInvalid);
  EXPECT_EQ(spoilt(kPckCrl, afterwards([](auto& c) { c.pck_crl.pop_back(); })), ErrorCode::kBadCrl);
  EXPECT_EQ(spoilt(kPckCrl, afterwards([](auto& c) { c.pck_crl.push_back(std::byte{0}); })),
            ErrorCode::kCrlInvalid);
  EXPECT_EQ(spoilt(kTcbInfo,
                   [](Forge& f) {
                     f.tcb_info.body["nextUpdate"] = "2025-05-01T00:00:00Z";  // before its issue
                   }),
            ErrorCode::kTcbInfoInvalid);
  const auto twice = [](const std::string& body) { return R"({"id":"SGX",)" + body.substr(1); };
  EXPECT_EQ(spoilt(kTcbInfo, [&](Forge& f) { f.tcb_info.written_form = twice; }),
            ErrorCode::kTcbInfoInvalid);
}

TEST(DocumentCheck, TheIssuerChainMustHold) {
  for (const Part& part : {kTcbInfo, kQeIdentity, kPckCrl}) {
    const auto chain = part.chain;
    const auto chain_becomes = [&](const std::string& text) {
      return spoilt(part,
                    afterwards([&](auto& c) { c.*chain = base::to_bytes(base::as_bytes(text)); }));
    };
    EXPECT_EQ(chain_becomes(""), ErrorCode::kIssuerChainInvalid);
    EXPECT_EQ(chain_becomes("garbage"), ErrorCode::kIssuerChainInvalid);
    EXPECT_EQ(spoilt(part, afterwards([&](auto& c) { (c.*chain).push_back(std::byte{0}); })),
              ErrorCode::kIssuerChainInvalid);
    EXPECT_EQ(spoilt(part, afterwards([&](auto& c) {
                       const base::Bytes copy = c.*chain;
                       base::append(c.*chain, copy);
                     })),
              ErrorCode::kIssuerChainInvalid);
    EXPECT_EQ(spoilt(part, [](Forge& f) { f.roots = {verification::intel_root()}; }),
              ErrorCode::kRootNotTrusted);
    EXPECT_EQ(spoilt(part, [](Forge& f) { f.roots.clear(); }), ErrorCode::kRootNotTrusted);
    EXPECT_EQ(spoilt(part,
                     [](Forge& f) {
                       for (auto* const issued : {&f.tcb_signer, &f.qe_signer, &f.intermediate}) {
                         issued->issuer = stranger();
                       }
                     }),
              ErrorCode::kIssuerChainInvalid);
    EXPECT_EQ(spoilt(part,
                     [](Forge& f) {
                       for (auto* const issued : {&f.tcb_signer, &f.qe_signer, &f.intermediate}) {
                         issued->spec.subject_cn = "Intel SGX Something";
                       }
                     }),
              ErrorCode::kIssuerChainInvalid);
    EXPECT_EQ(spoilt(part, [](Forge& f) { f.root.spec.ca_path_length.reset(); }),
              ErrorCode::kIssuerChainInvalid);
  }
  // A CA may not sign documents, nor a signer of documents CRLs.
  EXPECT_EQ(spoilt(kTcbInfo, [](Forge& f) { f.tcb_signer.spec.ca_path_length = 0; }),
            ErrorCode::kIssuerChainInvalid);
  EXPECT_EQ(spoilt(kPckCrl, [](Forge& f) { f.intermediate.spec.ca_path_length.reset(); }),
            ErrorCode::kIssuerChainInvalid);
  EXPECT_EQ(spoilt(kTcbInfo, [](Forge& f) { f.tcb_chain = f.pck_crl_chain; }),
            ErrorCode::kIssuerChainInvalid);
}

TEST(DocumentCheck, OnlyWhatWasAskedForIsTaken) {
  const Forged made = Forge::sgx().make();
  const auto asked = [&](const Part& part, const DocumentRequest& request) {
    Part other = part;
    other.request = request;
    return code(examine(made, other));
  };
  EXPECT_EQ(asked(kTcbInfo, TcbInfoRequest{collateral::Tee::kTdx, kForgedFmspc}),
            ErrorCode::kCollateralMismatch);
  EXPECT_EQ(asked(kTcbInfo, TcbInfoRequest{collateral::Tee::kSgx, sgx::Fmspc()}),
            ErrorCode::kCollateralMismatch);
  EXPECT_EQ(asked(kQeIdentity, EnclaveIdentityRequest{EnclaveIdentity::kTdQe}),
            ErrorCode::kCollateralMismatch);
  EXPECT_EQ(asked(kTcbInfo, kQeIdentity.request), ErrorCode::kQeIdentityInvalid);
  const auto platform = std::get<PckCrlRequest>(kPckCrl.request).ca;
  const auto other = platform == collateral::PckCa::kPlatform ? collateral::PckCa::kProcessor
                                                              : collateral::PckCa::kPlatform;
  EXPECT_EQ(asked(kPckCrl, PckCrlRequest{other}), ErrorCode::kIssuerChainInvalid);
  // The root's CRL and a CA's are told apart by who issued them.
  EXPECT_EQ(asked(kPckCrl, kRootCrl.request), ErrorCode::kCrlInvalid);
  Part mixed = kPckCrl;
  mixed.body = kRootCrl.body;
  EXPECT_EQ(code(examine(made, mixed)), ErrorCode::kCrlInvalid);
}

// ---- Time

TEST(DocumentCheck, DatesCountWithToleranceForSlowClocksOnly) {
  const Forged made = Forge::sgx().make();
  const auto facts = examine(made, kTcbInfo).value();
  EXPECT_EQ(code(check_current(facts, "it", facts.valid_until)), ErrorCode::kInternal);
  EXPECT_EQ(code(check_current(facts, "it", facts.valid_until + 1s)),
            ErrorCode::kCollateralExpired);
  EXPECT_EQ(code(check_current(facts, "it", facts.valid_from - kSlowClock)), ErrorCode::kInternal);
  EXPECT_EQ(code(check_current(facts, "it", facts.valid_from - kSlowClock - 1s)),
            ErrorCode::kCollateralNotYetValid);
}

TEST(DocumentCheck, AnExpiredIssuerEndsItsDocuments) {
  Forge plan = Forge::sgx();
  plan.tcb_signer.spec.not_after = plan.at - 1h;
  const auto facts = examine(plan.make(), kTcbInfo).value();
  EXPECT_EQ(code(check_current(facts, "it", plan.at)), ErrorCode::kCollateralExpired);
}

// ---- Rollback

class Rollback : public ::testing::Test {
 protected:
  base::Status offer(const DocumentRequest& request) {
    const auto facts = check.examine(request, world.document(request)).value();
    return check_no_rollback(facts, cached.value(), "it", kNow);
  }
  void cache(const DocumentRequest& request) {
    cached = check.examine(request, world.document(request)).value();
  }

  TestWorld world;
  DocumentCheck check{world.roots()};
  std::optional<DocumentFacts> cached;
};

TEST_F(Rollback, OlderEditionsAreRefusedWhileTheCachedOneCounts) {
  world.state.evaluation_number = 257;
  world.state.pck_crl_number = 257;
  world.state.root_crl_number = 257;
  for (const DocumentRequest& request : world.requests()) {
    world.issued = kNow - 48h;
    cache(request);
    EXPECT_EQ(code(offer(request)), ErrorCode::kInternal) << "the same again";
    world.issued -= 1s;
    EXPECT_EQ(code(offer(request)), ErrorCode::kCollateralExpired) << "an older issue";
    world.issued += 2s;
    EXPECT_EQ(code(offer(request)), ErrorCode::kInternal) << "a newer issue";
    TestWorld lower;
    lower.state.evaluation_number = 2;  // in one byte, but 257 as text begins with a 1
    lower.issued = kNow;
    const auto facts = check.examine(request, lower.document(request)).value();
    EXPECT_EQ(code(check_no_rollback(facts, *cached, "it", kNow)), ErrorCode::kCollateralExpired)
        << "a lower number";
    EXPECT_EQ(code(check_no_rollback(facts, *cached, "it", cached->valid_until + 1s)),
              ErrorCode::kInternal)
        << "once the cached one is past";
  }
}

TEST_F(Rollback, RootsCountEachOnItsOwn) {
  world.state.root_crl_number = 9;
  cache(world.root_crl());
  const TestWorld other(2);
  const auto facts =
      DocumentCheck(other.roots()).examine(other.root_crl(), other.document(other.root_crl()));
  EXPECT_EQ(code(check_no_rollback(facts.value(), *cached, "it", kNow)), ErrorCode::kInternal);
}

// ---- Revocation

TEST(DocumentCheck, RevokedIssuersAreRefused) {
  TestWorld world;
  const DocumentCheck check(world.roots());
  world.state.revoked_issuers = {simulation::RevocableIssuer::kTcbSigning};
  const auto crl = check.examine(world.root_crl(), world.document(world.root_crl())).value();
  const auto tcb_info = check.examine(world.tcb_info(), world.document(world.tcb_info())).value();
  const auto pck_crl = check.examine(world.pck_crl(), world.document(world.pck_crl())).value();
  EXPECT_EQ(code(check_not_revoked(tcb_info, "it", &crl, nullptr)), ErrorCode::kCertificateRevoked);
  EXPECT_EQ(code(check_not_revoked(tcb_info, "it", nullptr, nullptr)), ErrorCode::kInternal);
  EXPECT_EQ(code(check_not_revoked(pck_crl, "it", &crl, nullptr)), ErrorCode::kInternal);
}

// ---- PCK certificates

class PckCheck : public ::testing::Test {
 protected:
  base::Result<DocumentFacts> examine() { return DocumentCheck(roots).examine(request, answer); }

  TestWorld world;
  PckRequest request = world.pck_request();
  PckCertification answer = world.pck();
  std::vector<verification::TrustedRoot> roots = world.roots();
};

TEST_F(PckCheck, TheGenuineCertificateIsGood) {
  const auto facts = examine();
  ASSERT_TRUE(facts) << facts.error().summary();
  EXPECT_TRUE(check_current(*facts, "it", kNow));
  EXPECT_EQ(facts->ca, collateral::PckCa::kPlatform);
  EXPECT_TRUE(facts->pck);
}

TEST_F(PckCheck, TheChainMustEndInATrustedRoot) {
  roots = {verification::intel_root()};
  EXPECT_EQ(code(examine()), ErrorCode::kSimulatedRootNotTrusted);
  roots = TestWorld(2).roots();
  EXPECT_EQ(code(examine()), ErrorCode::kSimulatedRootNotTrusted);
}

TEST_F(PckCheck, TheChainMustHold) {
  const PckCertification good = answer;
  const PckCertification other = TestWorld(2).pck();
  answer.issuer_chain_pem = other.issuer_chain_pem;
  EXPECT_EQ(code(examine()), ErrorCode::kChainInvalid);
  answer = good;
  answer.issuer_chain_pem.clear();
  EXPECT_EQ(code(examine()), ErrorCode::kChainInvalid);
  answer = good;
  answer.leaf_pem.pop_back();  // the line feed, without which leaf and chain run together
  EXPECT_EQ(code(examine()), ErrorCode::kChainInvalid);
  answer = good;
  answer.leaf_pem += answer.issuer_chain_pem;
  answer.issuer_chain_pem.clear();
  EXPECT_EQ(code(examine()), ErrorCode::kChainInvalid);
  answer = good;
  answer.issuer_chain_pem += '\0';
  EXPECT_EQ(code(examine()), ErrorCode::kChainInvalid);
}

TEST_F(PckCheck, TheCertifiedTcbIsTheOneNamed) {
  const PckCertification good = answer;
  answer.cpu_svn.mutable_view()[15] ^= std::byte{1};
  EXPECT_EQ(code(examine()), ErrorCode::kPckSelectionFailed);
  answer = good;
  ++answer.pce_isv_svn;
  EXPECT_EQ(code(examine()), ErrorCode::kPckSelectionFailed);
}

TEST_F(PckCheck, ThePlatformHasReachedTheCertifiedTcb) {
  const PckRequest good = request;
  const auto component = [&]() -> std::byte& { return request.cpu_svn.mutable_view()[0]; };
  component() = static_cast<std::byte>(std::to_integer<unsigned>(component()) + 1);
  EXPECT_EQ(code(examine()), ErrorCode::kInternal) << "a platform above its certificate";
  request = good;
  component() = std::byte{0};
  EXPECT_EQ(code(examine()), ErrorCode::kPckSelectionFailed);
  request = good;
  --request.pce_isv_svn;
  EXPECT_EQ(code(examine()), ErrorCode::kPckSelectionFailed);
  request = good;
  request.pce_id = 1;
  EXPECT_EQ(code(examine()), ErrorCode::kPckSelectionFailed);
}

TEST_F(PckCheck, RevocationCounts) {
  world.revoke_pck();
  const DocumentCheck check(roots);
  const auto crl = check.examine(world.pck_crl(), world.document(world.pck_crl())).value();
  const auto facts = examine().value();
  EXPECT_EQ(code(check_not_revoked(facts, "it", nullptr, &crl)), ErrorCode::kCertificateRevoked);
  // Of the other CA: its serial numbers are another's.
  auto processor = crl;
  processor.ca = collateral::PckCa::kProcessor;
  EXPECT_EQ(code(check_not_revoked(facts, "it", nullptr, &processor)), ErrorCode::kInternal);
}

}  // namespace
}  // namespace quoted::certification
