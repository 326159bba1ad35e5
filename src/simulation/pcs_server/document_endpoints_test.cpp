#include "base/file.h"
#include "collateral/crl_text.h"
#include "collateral/tcb_info.h"
#include "http/percent.h"
#include "simulation/pcs_server/reply.h"
#include "simulation/pcs_server/testing/service_fixture.h"

namespace quoted::simulation {
namespace {

using test::kTcbPath;
using test::kV3;
using test::kV4;
using testing::HasSubstr;

class DocumentEndpointsTest : public test::ServiceTest {
 protected:
  [[nodiscard]] static crypto::Crl crl(std::string_view body) {
    return collateral::parse_crl(base::as_bytes(body)).value();
  }
  // The evaluation number that a request is answered with, or the status.
  [[nodiscard]] std::uint64_t number(const std::string& more, Dialect dialect = Dialect::kPcs) {
    const auto reply = ask(dialect, base::text(kTcbPath, more));
    if (reply.status != 200) return reply.status;
    return Json::parse(reply.body)["tcbInfo"]["tcbEvaluationDataNumber"].get<std::uint64_t>();
  }
  void recover(std::chrono::days grace) {
    move([&](World& world) {
      TcbRecovery recovery;
      recovery.grace = grace;
      EXPECT_TRUE(recover_tcb(world, recovery, clock_.time));
    });
  }
};

TEST_F(DocumentEndpointsTest, TcbInfoOfBothVersionsHasItsOwnHeader) {
  for (const Dialect dialect : {Dialect::kPcs, Dialect::kPccs}) {
    const auto v4 = ask(dialect, std::string(kTcbPath));
    ASSERT_EQ(v4.status, 200U);
    EXPECT_EQ(header(v4, "Content-Type"), "application/json");
    EXPECT_EQ(http::percent_decoded(header(v4, "TCB-Info-Issuer-Chain")),
              authority().tcb_issuer_chain_pem());
    EXPECT_EQ(header(v4, "SGX-TCB-Info-Issuer-Chain"), "");
    EXPECT_TRUE(v4.body.starts_with(
        "{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2026-07-01T00:00:00Z\","
        "\"nextUpdate\":\"2026-07-31T00:00:00Z\",\"fmspc\":\"FF53494D0000\""));
    const auto v3 = ask(dialect, base::text(kV3, "tcb?fmspc=ff53494d0000"));
    ASSERT_EQ(v3.status, 200U);
    EXPECT_TRUE(v3.body.starts_with("{\"tcbInfo\":{\"version\":2,"));
    EXPECT_TRUE(header(v3, "SGX-TCB-Info-Issuer-Chain").ends_with("%0A"));
    EXPECT_EQ(header(v3, "TCB-Info-Issuer-Chain"), "");
    const auto identity = ask(dialect, base::text(kV4, "qe/identity"));
    ASSERT_EQ(identity.status, 200U);
    EXPECT_TRUE(identity.body.starts_with("{\"enclaveIdentity\":{\"id\":\"QE\",\"version\":2,"));
    EXPECT_EQ(http::percent_decoded(header(identity, "SGX-Enclave-Identity-Issuer-Chain")),
              authority().tcb_issuer_chain_pem());
    EXPECT_EQ(ask(dialect, base::text(kV4, "qve/identity")).status, 404U);
  }
}

TEST_F(DocumentEndpointsTest, FmspcsAreThoseOfThisWorld) {
  EXPECT_EQ(pcs(base::text(kV4, "tcb?fmspc=00906ea10000")).status, 404U);
  EXPECT_EQ(pccs(base::text(kV4, "tcb?fmspc=00906ea10000")).body,
            "No cache data for this platform.");
  for (const char* const wrong : {"tcb", "tcb?fmspc=", "tcb?fmspc=ff53494d00", "tcb?fmspc=x"}) {
    EXPECT_EQ(pcs(base::text(kV4, wrong)).status, 400U);
  }
  auto other = model("other", PckCa::kProcessor);
  other.fmspc = sgx::Fmspc::parse_hex("ff53494d0001").value();
  register_node(other);
  EXPECT_EQ(pcs(base::text(kV4, "tcb?fmspc=Ff53494D0001")).status, 200U);
  EXPECT_EQ(
      pcs(base::text(kV4, "fmspcs")).body,
      R"([{"fmspc":"FF53494D0000","platform":"E5"},{"fmspc":"FF53494D0001","platform":"E3"}])");
  EXPECT_EQ(pcs(base::text(kV4, "fmspcs?platform=E3")).body,
            R"([{"fmspc":"FF53494D0001","platform":"E3"}])");
  EXPECT_EQ(pcs(base::text(kV4, "fmspcs?platform=client")).body, "[]");
  EXPECT_EQ(pcs(base::text(kV4, "fmspcs?platform=E7")).status, 400U);
}

TEST_F(DocumentEndpointsTest, EarlyStandardAndNumbersMeanTheirEditions) {
  EXPECT_EQ(number(""), 1U);
  recover(std::chrono::days(30));
  EXPECT_EQ(number(""), 1U);
  EXPECT_EQ(number("&update=standard"), 1U);
  EXPECT_EQ(number("&update=early"), 2U);
  EXPECT_EQ(number("&update=early", Dialect::kPccs), 2U);
  clock_.time += std::chrono::days(30);
  EXPECT_EQ(number("&update=standard"), 2U);
  EXPECT_EQ(number("&tcbEvaluationDataNumber=1"), 1U);
  EXPECT_EQ(number("&tcbEvaluationDataNumber=2"), 2U);
  EXPECT_EQ(number("&tcbEvaluationDataNumber=3"), 404U);
  EXPECT_EQ(number("&tcbEvaluationDataNumber=2&update=early"), 400U);
  EXPECT_EQ(number("&tcbEvaluationDataNumber=x"), 400U);
  EXPECT_EQ(number("&tcbEvaluationDataNumber=99999999999"), 400U);
  EXPECT_EQ(number("&update=late"), 400U);
  // PCCS does not pass the number on.
  EXPECT_EQ(number("&tcbEvaluationDataNumber=1", Dialect::kPccs), 2U);
  recover(std::chrono::days(0));
  recover(std::chrono::days(0));
  EXPECT_EQ(number("&tcbEvaluationDataNumber=1"), 410U);
  EXPECT_EQ(number("&tcbEvaluationDataNumber=2"), 2U);
  EXPECT_EQ(number(""), 4U);
}

TEST_F(DocumentEndpointsTest, EvaluationNumbersAreListedNewestFirst) {
  recover(std::chrono::days(30));
  const auto reply = pcs(base::text(kV4, "tcbevaluationdatanumbers"));
  ASSERT_EQ(reply.status, 200U);
  EXPECT_TRUE(header(reply, "TCB-Evaluation-Data-Numbers-Issuer-Chain").ends_with("%0A"));
  EXPECT_THAT(reply.body,
              HasSubstr("{\"tcbEvaluationDataNumbers\":{\"id\":\"SGX\",\"version\":1,"
                        "\"issueDate\":\"2026-07-01T00:00:00Z\",\"nextUpdate\":\"2026-07-31T00:00:"
                        "00Z\",\"tcbEvalNumbers\":[{\"tcbEvaluationDataNumber\":2,"
                        "\"tcbRecoveryEventDate\":\"2026-07-01T00:00:00Z\","));
  const std::size_t begin = reply.body.find("{\"id\"");
  const std::size_t end = reply.body.find(",\"signature\"");
  const std::string signature = Json::parse(reply.body)["signature"];
  EXPECT_TRUE(authority().tcb_signing().public_key().verify(
      base::as_bytes(std::string_view(reply.body).substr(begin, end - begin)),
      crypto::P256Signature::parse_hex(signature).value()));
  EXPECT_EQ(pccs(base::text(kV4, "tcbevaluationdatanumbers")).status, 404U);
}

TEST_F(DocumentEndpointsTest, DocumentsAreSignedOnceUntilHalfOfTheirLifeOrAMove) {
  const auto body = [&] { return pcs(std::string(kTcbPath)).body; };
  const std::string first = body();
  EXPECT_EQ(body(), first);
  EXPECT_EQ(pccs(std::string(kTcbPath)).body, first);
  restart();
  clock_.time += std::chrono::days(14);
  EXPECT_EQ(body(), first);
  clock_.time += std::chrono::days(1);
  const std::string second = body();
  EXPECT_THAT(second, HasSubstr("\"issueDate\":\"2026-07-16T00:00:00Z\""));
  move([](World& world) {
    EXPECT_TRUE(judge_level(world, 0, {TcbStatus::kSwHardeningNeeded, {"SIMULATED-SA-9"}, {}}));
  });
  const std::string third = body();
  EXPECT_THAT(third, HasSubstr("\"tcbStatus\":\"SWHardeningNeeded\",\"advisoryIDs\":[\"SIMULATED-"
                               "SA-9\"]"));
  EXPECT_EQ(body(), third);
}

TEST_F(DocumentEndpointsTest, AStoredDocumentThatIsDamagedIsIssuedAgain) {
  const std::string first = pcs(std::string(kTcbPath)).body;
  ASSERT_TRUE(
      base::write_file(dir_ / "documents/tcb-v4-ff53494d0000-1", base::as_bytes("nonsense"), 0644));
  restart();
  EXPECT_NE(pcs(std::string(kTcbPath)).body, first);
  ASSERT_FALSE(notices_.empty());
  EXPECT_THAT(notices_.back(), HasSubstr("damaged"));
}

TEST_F(DocumentEndpointsTest, CrlsComeInTheFormOfTheDialect) {
  for (const std::string ca : {"platform", "processor"}) {
    const auto pem = pcs(base::text(kV4, "pckcrl?ca=", ca));
    EXPECT_TRUE(pem.body.starts_with("-----BEGIN X509 CRL-----\n"));
    EXPECT_EQ(header(pem, "Content-Type"), "application/x-pem-file");
    EXPECT_EQ(pcs(base::text(kV4, "pckcrl?encoding=pem&ca=", ca)).body, pem.body);
    const auto der = pcs(base::text(kV4, "pckcrl?encoding=der&ca=", ca));
    EXPECT_EQ(header(der, "Content-Type"), "application/pkix-crl");
    const auto hex = pccs(base::text(kV4, "pckcrl?ca=", ca));
    EXPECT_EQ(hex.body, base::to_hex(base::as_bytes(der.body)));
    EXPECT_EQ(header(hex, "Content-Type"), "application/x-pem-file");
    EXPECT_EQ(pccs(base::text(kV4, "pckcrl?encoding=der&ca=", ca)).body, der.body);
    EXPECT_EQ(http::percent_decoded(header(hex, "SGX-PCK-CRL-Issuer-Chain")),
              authority().pck_issuer_chain_pem(*collateral::pck_ca_named(ca)));
    EXPECT_TRUE(crl(pem.body).signature_matches(
        authority().ca(*collateral::pck_ca_named(ca)).public_key()));
    // The address in PCK certificates.
    for (const Dialect dialect : {Dialect::kPcs, Dialect::kPccs}) {
      EXPECT_EQ(
          ask(dialect, base::text("/SIMULATED-NO-SECURITY/pckcrl?ca=", ca, "&encoding=der")).body,
          der.body);
    }
  }
  for (const char* const wrong : {"pckcrl", "pckcrl?ca=root", "pckcrl?ca=platform&encoding=hex",
                                  "pckcrl?ca=platform&ca=platform"}) {
    EXPECT_EQ(pcs(base::text(kV4, wrong)).status, 400U);
    EXPECT_EQ(pccs(base::text(kV4, wrong)).status, 400U);
  }
  EXPECT_EQ(pccs(base::text(kV4, "pckcrl?ca=platform&encoding=pem")).status, 400U);
}

TEST_F(DocumentEndpointsTest, TheRootCrlComesInEveryForm) {
  const std::string der = pcs("/IntelSGXRootCA.der").body;
  EXPECT_TRUE(crl(der).signature_matches(authority().root().public_key()));
  EXPECT_EQ(pcs("/SIMULATED-NO-SECURITY/IntelSGXRootCA.der").body, der);
  EXPECT_EQ(pcs("/IntelSGXRootCA.crl").body, pem_text("X509 CRL", base::as_bytes(der)));
  const auto hex = pccs(base::text(kV4, "rootcacrl"));
  EXPECT_EQ(hex.body, base::to_hex(base::as_bytes(der)));
  EXPECT_EQ(header(hex, "Content-Type"), "application/pkix-crl");
  EXPECT_EQ(pcs(base::text(kV4, "rootcacrl")).status, 404U);
  EXPECT_EQ(pcs("/Intel_SGX_Provisioning_Certification_RootCA.pem").body, authority().root().pem());
  EXPECT_EQ(
      base::to_hex(base::as_bytes(pcs("/Intel_SGX_Provisioning_Certification_RootCA.cer").body)),
      base::to_hex(authority().root().der()));
}

TEST_F(DocumentEndpointsTest, CrlsAreFoundByTheirAddress) {
  const std::string root = pcs("/IntelSGXRootCA.der").body;
  const std::string platform = pcs("/SIMULATED-NO-SECURITY/pckcrl?ca=platform&encoding=der").body;
  const auto by_uri = [&](const std::string& uri) {
    const auto reply = pccs(base::text(kV4, "crl?uri=", uri));
    return reply.status == 200 ? reply.body : std::to_string(reply.status);
  };
  EXPECT_EQ(by_uri(authority().root().crl_urls().front()), root);
  EXPECT_EQ(by_uri("https://simulated.invalid/SIMULATED-NO-SECURITY/pckcrl?ca=platform"
                   "&encoding=der"),
            platform);
  // As the library for Azure sends it, escaped twice.
  const auto azure = pccs(base::text(
      kV4,
      "pckcrl?uri=https%253a%252f%252fcertificates.trustedservices.intel.com%252fintelsgxrootca."
      "crl&clientid=x&api-version=2018-10-01-preview"));
  EXPECT_EQ(azure.body, root);
  for (const char* const wrong :
       {"", "x", "file:///IntelSGXRootCA.der", "https://example.com/IntelSGXRootCA.der",
        "https://simulated.invalid/SIMULATED-NO-SECURITY/other.crl", "https%25zz"}) {
    EXPECT_EQ(by_uri(wrong), "400") << wrong;
  }
}

TEST_F(DocumentEndpointsTest, RevocationsAreInTheCrls) {
  register_node();
  const auto leaf = crypto::Certificate::parse_pem(pcs(pck_target(encrypted_ppid())).body).value();
  const auto before = crl(pcs(base::text(kV4, "pckcrl?ca=platform")).body);
  EXPECT_FALSE(before.revokes(leaf.serial()));
  move([&](World& world) {
    const auto serials = pck_serials(MasterSeed::development(), world, world.platforms[0]).value();
    for (const auto& serial : serials) {
      EXPECT_TRUE(set_revoked(world, serial, Revoking::kRevoke));
    }
    EXPECT_TRUE(set_revoked(world, RevocableIssuer::kPlatformCa, Revoking::kRevoke));
  });
  EXPECT_TRUE(crl(pcs(base::text(kV4, "pckcrl?ca=platform")).body).revokes(leaf.serial()));
  EXPECT_TRUE(
      crl(pcs("/IntelSGXRootCA.der").body).revokes(authority().ca(PckCa::kPlatform).serial()));
}

TEST_F(DocumentEndpointsTest, ExpiredDocumentsAreSoUntilRenewed) {
  move([&](World& world) { expire_documents(world, clock_.time, std::chrono::hours(1)); });
  EXPECT_THAT(pcs(std::string(kTcbPath)).body,
              HasSubstr("\"nextUpdate\":\"2026-06-30T23:00:00Z\""));
  move([&](World& world) { renew_documents(world); });
  EXPECT_THAT(pcs(std::string(kTcbPath)).body,
              HasSubstr("\"nextUpdate\":\"2026-07-31T00:00:00Z\""));
}

}  // namespace
}  // namespace quoted::simulation
