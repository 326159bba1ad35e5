#include "simulation/pcs_server/pcs_service.h"
#include "http/percent.h"

#include "base/file.h"
#include "crypto/crl.h"
#include "simulation/pcs_server/reply.h"
#include "simulation/pcs_server/testing/service_fixture.h"

namespace quoted::simulation {
namespace {

using test::kTcbPath;
using test::kV4;
using testing::HasSubstr;

class PcsServiceTest : public test::ServiceTest {
 protected:
  [[nodiscard]] http::Response tcb(Dialect dialect = Dialect::kPcs) {
    return ask(dialect, std::string(kTcbPath));
  }
};

TEST_F(PcsServiceTest, EveryReplyHasAnIdOfItsOwn) {
  std::set<std::string> ids;
  for (const Dialect dialect : {Dialect::kPcs, Dialect::kPccs}) {
    for (const std::string& target : {std::string(kTcbPath), base::text(kV4, "tcb"),
                                      std::string("/"), base::text(kV4, "rootcacrl")}) {
      ids.insert(header(ask(dialect, target), "Request-ID"));
    }
    ids.insert(header(PcsService::write_error(
                          dialect, 405, base::Error(base::ErrorCode::kHttpMethodNotAllowed, "x")),
                      "Request-ID"));
  }
  EXPECT_EQ(ids.size(), 10U);
  for (const std::string& id : ids) EXPECT_EQ(id.size(), 32U);
}

TEST_F(PcsServiceTest, RefusalsLookAsInTheDialect) {
  const auto from_pcs = pcs(base::text(kV4, "tcb"));
  EXPECT_EQ(from_pcs.status, 400U);
  EXPECT_EQ(header(from_pcs, "Error-Code"), "InvalidRequestParameters");
  EXPECT_THAT(header(from_pcs, "Error-Message"), HasSubstr("fmspc"));
  EXPECT_EQ(from_pcs.body, "");
  const auto from_pccs = pccs(base::text(kV4, "tcb"));
  EXPECT_EQ(from_pccs.status, 400U);
  EXPECT_EQ(header(from_pccs, "Error-Code"), "");
  EXPECT_THAT(from_pccs.body, HasSubstr("fmspc"));
}

TEST_F(PcsServiceTest, EveryRouteIsServed) {
  for (const Dialect dialect : {Dialect::kPcs, Dialect::kPccs}) {
    const http::Router routes = service_->routes(dialect);
    EXPECT_NE(routes.find("GET", base::text(kV4, "pckcert")), nullptr);
    EXPECT_NE(routes.find("HEAD", base::text(test::kV3, "qe/identity")), nullptr);
    EXPECT_EQ(routes.find("POST", base::text(kV4, "platforms")) != nullptr,
              dialect == Dialect::kPccs);
    EXPECT_EQ(routes.find("GET", base::text(kV4, "fmspcs")) != nullptr, dialect == Dialect::kPcs);
    EXPECT_EQ(routes.find("GET", base::text(test::kV3, "fmspcs")), nullptr);
  }
  EXPECT_EQ(ask(Dialect::kPcs, std::string(kTcbPath), "HEAD").status, 200U);
}

TEST_F(PcsServiceTest, FaultsOfStatusAreOfThisEndpointAlone) {
  for (const auto& [kind, status] : {std::pair{FaultKind::kNotFound, 404U},
                                     {FaultKind::kServerError, 500U},
                                     {FaultKind::kTooManyRequests, 429U},
                                     {FaultKind::kUnavailable, 503U}}) {
    fail_endpoint(ServiceEndpoint::kTcb, kind);
    for (const Dialect dialect : {Dialect::kPcs, Dialect::kPccs}) {
      const auto reply = tcb(dialect);
      EXPECT_EQ(reply.status, status);
      const bool busy = status == 429 || status == 503;
      EXPECT_EQ(header(reply, "Retry-After"), busy ? "7" : "");
      EXPECT_EQ(ask(dialect, base::text(kV4, "qe/identity")).status, 200U);
    }
  }
  move([](World& world) { EXPECT_TRUE(clear_fault(world, ServiceEndpoint::kTcb)); });
  EXPECT_EQ(tcb().status, 200U);
}

TEST_F(PcsServiceTest, AnEndpointThatIsDownEndsTheConnection) {
  fail_endpoint(ServiceEndpoint::kTcb, FaultKind::kDown, 1);
  EXPECT_TRUE(tcb().hang_up);
  EXPECT_FALSE(tcb().hang_up);
}

TEST_F(PcsServiceTest, AFaultWithACountIsUsedUp) {
  fail_endpoint(ServiceEndpoint::kTcb, FaultKind::kServerError, 2);
  EXPECT_EQ(tcb().status, 500U);
  EXPECT_EQ(world().faults.at(0).remaining, 1U);
  EXPECT_EQ(tcb(Dialect::kPccs).status, 500U);
  EXPECT_TRUE(world().faults.empty());
  EXPECT_EQ(tcb().status, 200U);
}

TEST_F(PcsServiceTest, ASlowEndpointAnswersLate) {
  fail_endpoint(ServiceEndpoint::kTcb, FaultKind::kSlow);
  EXPECT_EQ(tcb().status, 200U);
  EXPECT_EQ(slept_, std::chrono::seconds(7));
}

TEST_F(PcsServiceTest, AFaultCanSpoilTheAnswer) {
  const std::string good = tcb().body;
  fail_endpoint(ServiceEndpoint::kTcb, FaultKind::kTruncatedBody);
  EXPECT_EQ(tcb().body, good.substr(0, good.size() / 2));

  fail_endpoint(ServiceEndpoint::kTcb, FaultKind::kWrongSignature);
  const std::string forged = tcb().body;
  EXPECT_EQ(forged.size(), good.size());
  EXPECT_EQ(forged.substr(0, good.size() - 3), good.substr(0, good.size() - 3));
  EXPECT_NE(forged, good);
  EXPECT_TRUE(Json::accept(forged));

  fail_endpoint(ServiceEndpoint::kTcb, FaultKind::kWrongChain);
  EXPECT_EQ(tcb().body, good);
  EXPECT_EQ(http::percent_decoded(header(tcb(), "TCB-Info-Issuer-Chain")),
            authority().pck_issuer_chain_pem(PckCa::kPlatform));

  fail_endpoint(ServiceEndpoint::kTcb, FaultKind::kStaleDocument);
  EXPECT_THAT(tcb().body, HasSubstr("\"nextUpdate\":\"2026-06-30T00:00:00Z\""));

  move([](World& world) { clear_fault(world, ServiceEndpoint::kTcb); });
  EXPECT_EQ(tcb().body, good);
}

TEST_F(PcsServiceTest, AWrongDialectIsThatOfTheOther) {
  const std::string target = base::text(kV4, "pckcrl?ca=platform");
  const std::string pem = pcs(target).body;
  const std::string hex = pccs(target).body;
  fail_endpoint(ServiceEndpoint::kPckCrl, FaultKind::kWrongDialect);
  EXPECT_EQ(pcs(target).body, hex);
  EXPECT_EQ(pccs(target).body, pem);
}

TEST_F(PcsServiceTest, FaultsSpoilCrlsAndCertificatesToo) {
  register_node();
  const std::string target = base::text(kV4, "pckcrl?encoding=der&ca=platform");
  fail_endpoint(ServiceEndpoint::kPckCrl, FaultKind::kWrongSignature);
  const auto crl = crypto::Crl::parse_der(base::as_bytes(pcs(target).body)).value();
  EXPECT_FALSE(crl.signature_matches(authority().ca(PckCa::kPlatform).public_key()));
  fail_endpoint(ServiceEndpoint::kPckCert, FaultKind::kWrongSignature);
  const auto leaf = crypto::Certificate::parse_pem(pcs(pck_target(encrypted_ppid())).body).value();
  EXPECT_FALSE(leaf.signed_by(authority().ca(PckCa::kPlatform).public_key()));
  fail_endpoint(ServiceEndpoint::kPckCert, FaultKind::kWrongChain);
  EXPECT_EQ(http::percent_decoded(
                header(pcs(pck_target(encrypted_ppid())), "SGX-PCK-Certificate-Issuer-Chain")),
            authority().tcb_issuer_chain_pem());
}

TEST_F(PcsServiceTest, ADamagedWorldStaysAsItWasAndIsToldOnce) {
  const auto before = tcb().body;
  ASSERT_TRUE(base::write_file(dir_ / "world.json", base::as_bytes("{"), 0644));
  notices_.clear();
  EXPECT_EQ(tcb().body, before);
  EXPECT_EQ(tcb().body, before);
  EXPECT_EQ(notices_.size(), 1U);
  PcsServiceOptions options;
  options.state_dir = dir_.path();
  options.notice = [](const std::string&) {};
  EXPECT_FALSE(PcsService::create(MasterSeed::development(), std::move(options), clock_));
}

}  // namespace
}  // namespace quoted::simulation
