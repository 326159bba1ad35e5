#include "certification/replies.h"

#include <gmock/gmock.h>

#include "certification/pck_offer.h"
#include "certification/testing/real_replies.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using ::testing::HasSubstr;
using namespace testing;

template <class T>
void expect_not_understood(const base::Result<T>& result, const std::string& why) {
  ASSERT_FALSE(result) << why;
  EXPECT_EQ(result.error().code(), ErrorCode::kReplyNotUnderstood) << result.error().summary();
  EXPECT_THAT(result.error().message(), HasSubstr(why));
}

TEST(Replies, ReadAPckCertificateWithItsHeaders) {
  const auto read = read_pck_certification(pck_reply());
  ASSERT_TRUE(read) << read.error().summary();
  EXPECT_EQ(read->cpu_svn.hex(), "0d0d0204018003000000000000000000");
  EXPECT_EQ(read->pce_isv_svn, 9U);
  EXPECT_THAT(read->leaf_pem, ::testing::EndsWith("-----END CERTIFICATE-----\n"));
  EXPECT_EQ(read->issuer_chain_pem, real("pckcerts-16a5b41e-issuer-chain.pem"));
}

TEST(Replies, TakeTheSpellingsThatServicesUse) {
  http::ClientReply lower = pck_reply();
  for (http::Header& header : lower.headers) {
    for (char& c : header.name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  EXPECT_TRUE(read_pck_certification(lower));
  EXPECT_TRUE(read_pck_certification(
      with_header(pck_reply(), "SGX-TCBm", "0d0d02040180030000000000000000000900")));
  EXPECT_TRUE(
      read_pck_certification(with_header(pck_reply(), "SGX-PCK-Certificate-CA-Type", "PROCESSOR")));
  std::string bare = real_leaf();
  while (bare.back() == '\n') bare.pop_back();
  EXPECT_EQ(read_pck_certification(with_body(pck_reply(), bare))->leaf_pem,
            read_pck_certification(pck_reply())->leaf_pem);
  EXPECT_TRUE(read_pck_certification(
      without_header(without_header(pck_reply(), "SGX-FMSPC"), "SGX-PCK-Certificate-CA-Type")));
}

TEST(Replies, ReadAPckCertificateInTheJsonOfThim) {
  const nlohmann::json body = {
      {"tcbm", ""},
      {"pckCert", real_leaf()},
      {"sgx-Pck-Certificate-Issuer-Chain", real_chain_header("pckcerts-16a5b41e-issuer-chain.pem")},
      {"sgx-Tcbm", kRealTcbm},
      {"cacheMaxAge", 86400}};
  const auto read = read_pck_certification(reply(200, body.dump()));
  ASSERT_TRUE(read) << read.error().summary();
  EXPECT_EQ(read->leaf_pem, read_pck_certification(pck_reply())->leaf_pem);
  for (const std::string name : {"pckCert", "sgx-Pck-Certificate-Issuer-Chain", "sgx-Tcbm"}) {
    nlohmann::json without = body;
    without.erase(name);
    expect_not_understood(read_pck_certification(reply(200, without.dump())),
                          "no text '" + name + "'");
  }
  expect_not_understood(read_pck_certification(reply(200, "{\"pckCert\":")), "no JSON");
}

TEST(Replies, SayWhatAPckCertificateLacks) {
  expect_not_understood(read_pck_certification(without_header(pck_reply(), "SGX-TCBm")),
                        "no header SGX-TCBm");
  expect_not_understood(
      read_pck_certification(without_header(pck_reply(), "SGX-PCK-Certificate-Issuer-Chain")),
      "no header SGX-PCK-Certificate-Issuer-Chain");
  for (const std::string bad : {"", "0D0D", "0D0D0204018003000000000000000000090", "zz",
                                "0D0D0204018003000000000000000000090000"}) {
    expect_not_understood(read_pck_certification(with_header(pck_reply(), "SGX-TCBm", bad)),
                          "expected 36 hexadecimal digits");
  }
  expect_not_understood(read_pck_certification(with_header(pck_reply(), "SGX-TCBm",
                                                           "0D0D02040180030000000000000000000A00")),
                        "the certificate is for 0d0d02040180030000000000000000000900");
  expect_not_understood(
      read_pck_certification(with_header(pck_reply(), "SGX-PCK-Certificate-CA-Type", "platform")),
      "issued by 'Intel SGX PCK Processor CA'");
  expect_not_understood(
      read_pck_certification(with_header(pck_reply(), "SGX-FMSPC", "00906EA10001")),
      "SGX-FMSPC is '00906EA10001'");
}

TEST(Replies, RefuseABodyThatIsNoPckCertificate) {
  expect_not_understood(read_pck_certification(with_body(pck_reply(), "")), "in PEM form");
  expect_not_understood(read_pck_certification(with_body(pck_reply(), "30820102")), "'30820102'");
  expect_not_understood(read_pck_certification(with_body(pck_reply(), real_leaf() + real_leaf())),
                        "2 certificates");
  expect_not_understood(
      read_pck_certification(with_body(pck_reply(), real("pck-crl-platform.pem"))), "");
  const std::string chain = real("pckcerts-16a5b41e-issuer-chain.pem");
  const std::string ca = chain.substr(0, chain.find("-----END") + 26);
  expect_not_understood(read_pck_certification(with_body(pck_reply(), ca)), "is a CA");
}

http::ClientReply with_chain(std::string_view value) {
  return with_header(pck_reply(), "SGX-PCK-Certificate-Issuer-Chain", value);
}

TEST(Replies, DecodeIssuerChainsStrictly) {
  const std::string good = real_chain_header("pckcerts-16a5b41e-issuer-chain.pem");
  expect_not_understood(read_pck_certification(with_chain("")), "the issuer chain");
  expect_not_understood(read_pck_certification(with_chain(good + "%")), "not percent-encoded");
  expect_not_understood(read_pck_certification(with_chain(good + good)), "4 certificates");
  expect_not_understood(read_pck_certification(with_chain(good.substr(0, good.size() / 2))),
                        "the issuer chain");
  std::string blanks = good;
  blanks.replace(blanks.find("%20"), 3, "+");
  expect_not_understood(read_pck_certification(with_chain(blanks)), "not percent-encoded");
  expect_not_understood(read_pck_certification(with_chain(std::string(40000, 'a'))),
                        "40000 characters");
}

TEST(Replies, ReadCrlsInEveryForm) {
  const base::Bytes der = test::read_vector("real-collateral/pck-crl-processor.der");
  const auto read = read_pck_crl(pck_crl_reply());
  ASSERT_TRUE(read) << read.error().summary();
  EXPECT_EQ(read->body, der);
  EXPECT_EQ(read->issuer_chain_pem, real("pck-crl-processor-issuer-chain.pem"));
  EXPECT_EQ(read_pck_crl(with_body(pck_crl_reply(), base::to_hex(der)))->body, der);
  EXPECT_EQ(read_pck_crl(with_body(pck_crl_reply(), base::to_hex(der) + "\n"))->body, der);
  EXPECT_EQ(base::to_hex(read_root_ca_crl(with_body({}, real("pck-crl-platform.pem")))->body)
                .substr(0, 2),
            "30");
  EXPECT_TRUE(read_root_ca_crl(root_crl_reply())->issuer_chain_pem.empty());
}

TEST(Replies, SayWhatACrlLacks) {
  expect_not_understood(read_pck_crl(without_header(pck_crl_reply(), "SGX-PCK-CRL-Issuer-Chain")),
                        "no header SGX-PCK-CRL-Issuer-Chain");
  expect_not_understood(read_root_ca_crl(reply(200, "")), "no CRL");
  expect_not_understood(read_root_ca_crl(reply(200, "00ff")), "no CRL");
  expect_not_understood(read_root_ca_crl(reply(200, "not found")), "'not found'");
  expect_not_understood(read_root_ca_crl(reply(200, real("root-ca-crl.der") + "xy")),
                        "2 bytes behind it");
  const auto large = read_root_ca_crl(reply(200, std::string(std::size_t{9} << 20U, '0')));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code(), ErrorCode::kReplyTooLarge);
}

TEST(Replies, KeepSignedDocumentsByteForByte) {
  const auto info = read_tcb_info(tcb_info_reply());
  ASSERT_TRUE(info) << info.error().summary();
  EXPECT_EQ(base::as_text(info->body), real("tcbinfo-v3-sgx-00906ea10000.json"));
  EXPECT_EQ(info->issuer_chain_pem, real("tcb-signing-chain-2018.pem"));
  const auto identity = read_enclave_identity(qe_identity_reply());
  ASSERT_TRUE(identity) << identity.error().summary();
  EXPECT_EQ(base::as_text(identity->body), real("qe-identity-v2-pcs-body.json"));
}

TEST(Replies, KnowBothSpellingsOfTheTcbInfoHeader) {
  http::ClientReply other = tcb_info_reply();
  other.headers.front().name = "SGX-TCB-Info-Issuer-Chain";
  EXPECT_TRUE(read_tcb_info(other));
  other.headers.front().name = "SGX-Enclave-Identity-Issuer-Chain";
  expect_not_understood(read_tcb_info(other), "no header TCB-Info-Issuer-Chain");
  expect_not_understood(read_enclave_identity(without_header(qe_identity_reply(),
                                                             "SGX-Enclave-Identity-Issuer-Chain")),
                        "no header SGX-Enclave-Identity-Issuer-Chain");
}

TEST(Replies, SayWhatADocumentLacks) {
  expect_not_understood(read_tcb_info(with_body(tcb_info_reply(), "")), "no JSON");
  expect_not_understood(read_tcb_info(with_body(tcb_info_reply(), real_leaf())), "no JSON");
  expect_not_understood(read_tcb_info(with_body(tcb_info_reply(), "[]")), "without 'tcbInfo'");
  expect_not_understood(
      read_tcb_info(with_body(tcb_info_reply(), real("qe-identity-v2-pcs-body.json"))),
      "without 'tcbInfo'");
  expect_not_understood(read_tcb_info(with_body(tcb_info_reply(), "{\"tcbInfo\":{}}")),
                        "no text 'signature'");
  expect_not_understood(read_enclave_identity(with_body(qe_identity_reply(),
                                                        real("tcbinfo-v3-sgx-00906ea10000.json"))),
                        "without 'enclaveIdentity'");
}

TEST(Replies, KnowTheFormOfTheRetiredVersion) {
  const auto read = read_tcb_info(with_body(tcb_info_reply(), real("tcbinfo-v2-pcs-v3-body.json")));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), ErrorCode::kApiVersionRetired);
}

TEST(PckOffer, ReadsAllThatAServiceHas) {
  const auto offer = read_pck_offer(offer_reply());
  ASSERT_TRUE(offer) << offer.error().summary();
  EXPECT_EQ(offer->certificates.size(), 22U);
  EXPECT_EQ(offer->issuer_chain_pem, real("pckcerts-16a5b41e-issuer-chain.pem"));
}

TEST(PckOffer, PassesOverLevelsWithoutACertificateAndNewerFormsOfTheTcb) {
  nlohmann::json items = real_offer();
  items[0]["cert"] = "Not available";
  items[1]["tcb"] = {{"sgxtcbcomponents", nlohmann::json::array()}, {"pcesvn", 1}};
  items[2].erase("tcb");
  EXPECT_EQ(read_pck_offer(with_body(offer_reply(), items.dump()))->certificates.size(), 21U);
  for (auto& item : items) item["cert"] = "Not available";
  const auto none = read_pck_offer(with_body(offer_reply(), items.dump()));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::kNoPckForTcb);
}

TEST(PckOffer, NamesTheElementAtFault) {
  const auto expect_bad = [](const nlohmann::json& items, const std::string& why) {
    expect_not_understood(read_pck_offer(with_body(offer_reply(), items.dump())), why);
  };
  nlohmann::json items = real_offer();
  items[3].erase("cert");
  expect_bad(items, "element 3 of the reply: there is no text 'cert' or 'tcbm'");
  items = real_offer();
  items[3]["tcbm"] = 5;
  expect_bad(items, "element 3 of the reply: there is no text 'cert' or 'tcbm'");
  items = real_offer();
  items[4]["tcbm"] = items[5]["tcbm"];
  expect_bad(items, "element 4 of the reply: TCBm is");
  items = real_offer();
  items[4]["cert"] = "%";
  expect_bad(items, "element 4 of the reply: the escape");
  items = real_offer();
  items[4]["cert"] = http::percent_encoded(real("pck-crl-platform.pem"));
  expect_bad(items, "element 4 of the reply:");
  expect_bad("a text", "no JSON list");
  nlohmann::json many = nlohmann::json::array();
  for (int i = 0; i < 513; ++i) many.push_back(nullptr);
  expect_bad(many, "at most 512");
  expect_not_understood(
      read_pck_offer(without_header(offer_reply(), "SGX-PCK-Certificate-Issuer-Chain")),
      "no header SGX-PCK-Certificate-Issuer-Chain");
}

}  // namespace
}  // namespace quoted::certification
