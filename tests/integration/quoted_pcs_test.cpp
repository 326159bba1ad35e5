// The simulated manufacturer as a program: both dialects, restarts, drills from other processes.
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/file.h"
#include "crypto/server_identity.h"
#include "http/client.h"
#include "pcs_fixture.h"

namespace quoted::pcs {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;

constexpr const char* kTcb = "/sgx/certification/v4/tcb?fmspc=ff53494d0000";
constexpr const char* kCrl = "/sgx/certification/v4/pckcrl?ca=platform";

class QuotedPcs : public ::testing::Test {
 protected:
  // What the command prints; fails the test when it does not succeed.
  std::string drill(const std::vector<std::string>& words) {
    const auto done = sim(state(), words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.out;
  }
  [[nodiscard]] std::filesystem::path state() const { return dir_ / "pcs"; }
  [[nodiscard]] Json status() { return Json::parse(drill({"status", "--json"})); }

  test::TempDir dir_;
};

TEST_F(QuotedPcs, SpeaksEachDialectOnItsOwnPort) {
  PcsProcess pcs(state());
  EXPECT_THAT(pcs.process().out(), HasSubstr("SIMULATED-NO-SECURITY"));
  EXPECT_THAT(pcs.process().err(), HasSubstr("SIMULATED-NO-SECURITY"));
  EXPECT_EQ(pcs.pcs(kTcb).status, 200);
  EXPECT_EQ(pcs.pcs(kTcb).body, pcs.pccs(kTcb).body);
  EXPECT_TRUE(pcs.pcs(kCrl).body.starts_with("-----BEGIN X509 CRL-----"));
  EXPECT_TRUE(pcs.pccs(kCrl).body.starts_with("3082"));
  EXPECT_EQ(pcs.pcs(kCrl).header("Request-ID").size(), 32U);
  const Answer nothing = pcs.pcs("/sgx/certification/v2/tcb");
  EXPECT_EQ(nothing.status, 404);
  EXPECT_EQ(nothing.header("Error-Code"), "NotFound");
  EXPECT_EQ(nothing.header("Request-ID").size(), 32U);
  EXPECT_EQ(pcs.process().terminate(), 0);
}

TEST_F(QuotedPcs, ServesTheSameBytesAfterARestart) {
  const auto all = [](const PcsProcess& pcs) {
    return pcs.pcs(kTcb).body + pcs.pcs(kCrl).body + pcs.pcs("/IntelSGXRootCA.der").body +
           pcs.pcs("/Intel_SGX_Provisioning_Certification_RootCA.pem").body +
           pcs.pccs("/sgx/certification/v3/qe/identity").body;
  };
  std::string before;
  {
    PcsProcess pcs(state());
    before = all(pcs);
    EXPECT_EQ(pcs.process().terminate(), 0);
  }
  EXPECT_EQ(all(PcsProcess(state())), before);
}

TEST_F(QuotedPcs, FollowsTheWorldWithoutARestart) {
  const PcsProcess pcs(state());
  EXPECT_THAT(pcs.pcs(kTcb).body, HasSubstr("\"tcbEvaluationDataNumber\":1,"));
  EXPECT_THAT(drill({"tcb-recovery", "--advisory", "SIMULATED-SA-00002"}),
              HasSubstr("quotectl sim upgrade --state-dir"));
  EXPECT_THAT(pcs.pcs(kTcb).body, HasSubstr("\"tcbEvaluationDataNumber\":2,"));
  EXPECT_THAT(pcs.pccs(kTcb).body, HasSubstr("\"advisoryIDs\":[\"SIMULATED-SA-00002\"]"));
  drill({"fault", "set", "tcb", "429", "--count", "1", "--seconds", "3"});
  const Answer busy = pcs.pcs(kTcb);
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(busy.header("Retry-After"), "3");
  EXPECT_EQ(pcs.pcs(kTcb).status, 200);
  drill({"expire"});
  const std::string next_update = Json::parse(pcs.pcs(kTcb).body)["tcbInfo"]["nextUpdate"];
  EXPECT_EQ(
      Json::parse(
          pcs.pccs("/sgx/certification/v4/qe/identity").body)["enclaveIdentity"]["nextUpdate"],
      next_update);
  drill({"expire", "--undo"});
  EXPECT_GT(Json::parse(pcs.pcs(kTcb).body)["tcbInfo"]["nextUpdate"].get<std::string>(),
            next_update);
}

TEST_F(QuotedPcs, DrillsTellWhatTheyDid) {
  const PcsProcess pcs(state());
  EXPECT_THAT(drill({"platform", "manufacture", "n1"}), HasSubstr("registered: n1, PPID "));
  EXPECT_THAT(drill({"platform", "manufacture", "n1"}), HasSubstr("known already: n1"));
  EXPECT_THAT(drill({"platform", "list"}), testing::StartsWith("n1  "));
  EXPECT_THAT(drill({"platform", "show", "n1"}), HasSubstr("PCK certificate: "));
  EXPECT_THAT(drill({"revoke", "--platform", "n1", "--issuer", "tcb-signing"}),
              HasSubstr("PCK CRL number 3, root CRL number 2"));
  EXPECT_THAT(drill({"platform", "show", "n1"}), HasSubstr(", revoked"));
  EXPECT_THAT(drill({"advisory", "--level", "1", "--status", "SWHardeningNeeded"}),
              HasSubstr("SWHardeningNeeded"));
  EXPECT_THAT(drill({"identity", "--recovery", "9"}), HasSubstr("ISVSVN 9"));
  EXPECT_THAT(drill({"fault", "set", "all", "slow"}), HasSubstr("registration: slow"));
  EXPECT_THAT(drill({"fault", "list"}), HasSubstr("pckcert: slow"));
  EXPECT_EQ(drill({"fault", "clear"}), "faults cleared: 10\n");
  const Json now = status();
  EXPECT_EQ(now["evaluation_number"], 2);
  EXPECT_EQ(now["revoked_pcks"].size(), 2U);
  EXPECT_EQ(now["revoked_issuers"], Json({"tcb-signing"}));
  EXPECT_EQ(now["qe_levels"][0]["isv_svn"], 9);
  EXPECT_EQ(now["tcb_levels"][0]["status"], "SWHardeningNeeded");
  EXPECT_EQ(now["platforms"][0]["name"], "n1");
  EXPECT_THAT(drill({"status"}), HasSubstr("evaluation number  2"));
}

TEST_F(QuotedPcs, DrillsRefuseWhatMakesNoSense) {
  const PcsProcess pcs(state());
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"revoke"},
        {"revoke", "--platform", "none"},
        {"advisory"},
        {"advisory", "--level", "9", "--status", "UpToDate"},
        {"platform"},
        {"fault"},
        {"fault", "set", "tcb", "nonsense"},
        {"platform", "manufacture", "../x"},
        {"tcb-recovery", "--keep-cpu-svn"},
        {"tcb-recovery", "--advisory", "not good!"},
        {"identity", "--recovery", "1"},
        {"revoke", "--serial", "xyz"}}) {
    EXPECT_EQ(sim(state(), words).exit_code, 3) << words.front();
  }
  EXPECT_EQ(status()["evaluation_number"], 1);
  const auto elsewhere = sim(dir_ / "none", {"tcb-recovery"});
  EXPECT_EQ(elsewhere.exit_code, 3);
  EXPECT_THAT(elsewhere.err, HasSubstr("start 'quoted-pcs --state-dir"));
}

TEST_F(QuotedPcs, WantsTheKeyAndTokenOfItsFiles) {
  ASSERT_TRUE(base::write_file(dir_ / "key", base::as_bytes("s3cret\n"), 0600));
  ASSERT_TRUE(base::write_file(dir_ / "token", base::as_bytes("t0ken\n"), 0600));
  const PcsProcess pcs(state(),
                       {"--require-api-key", dir_ / "key", "--user-token-file", dir_ / "token"});
  const std::string target = "/sgx/certification/v4/pckcert?pceid=0000&encrypted_ppid=00";
  EXPECT_EQ(pcs.pcs(target).status, 401);
  EXPECT_EQ(pcs.connect(" pcs http://")
                .ask(request_text("GET", target, "Ocp-Apim-Subscription-Key: s3cret\r\n"))
                .status,
            400);
  const auto register_with = [&](std::string_view token) {
    return pcs.connect(" pccs http://")
        .ask(request_text("POST", "/sgx/certification/v4/platforms",
                          base::text("user-token: ", token, "\r\n"), "{}"))
        .status;
  };
  EXPECT_EQ(register_with("wrong"), 401);
  EXPECT_EQ(register_with("t0ken"), 400);
}

TEST_F(QuotedPcs, SpeaksTlsOnBothPorts) {
  const auto now = base::SystemClock().now();
  const auto identity = crypto::make_simulated_server_identity({}, now - std::chrono::hours(1),
                                                               now + std::chrono::hours(1))
                            .value();
  ASSERT_TRUE(base::write_file(dir_ / "tls.pem", base::as_bytes(identity.certificate_pem), 0600));
  ASSERT_TRUE(base::write_file(dir_ / "tls.key", base::as_bytes(identity.key_pem), 0600));
  PcsProcess pcs(state(), {"--tls-certificate", dir_ / "tls.pem", "--tls-key", dir_ / "tls.key"});
  http::ClientOptions trust;
  trust.ca_file = dir_ / "tls.pem";
  const auto client = http::make_client(trust).value();
  const std::string ready = pcs.process().out();
  for (const std::string dialect : {" pcs ", " pccs "}) {
    const std::size_t begin = ready.find(dialect + "https://") + dialect.size();
    const std::string base = ready.substr(begin, ready.find_first_of(",\n", begin) - begin);
    const auto reply = client->send({.url = base + kTcb});
    ASSERT_TRUE(reply) << reply.error().summary();
    EXPECT_EQ(reply->status, 200U);
  }
}

TEST_F(QuotedPcs, AnEndpointThatIsDownEndsTheConnection) {
  const PcsProcess pcs(state());
  drill({"fault", "set", "tcb", "down", "--count", "1"});
  RawClient client = pcs.connect(" pcs http://");
  client.send(request_text("GET", kTcb));
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(pcs.pcs(kTcb).status, 200);
}

TEST_F(QuotedPcs, SaysWhyItDoesNotStart) {
  const auto refused = [&](const std::vector<std::string>& more) {
    std::vector<std::string> argv = {
        QUOTED_PCS_BINARY, "--state-dir", state(), "--listen", "0", "--listen-pccs", "0"};
    argv.insert(argv.end(), more.begin(), more.end());
    const auto done = test::run(argv);
    EXPECT_EQ(done.exit_code, 1);
    return done.err;
  };
  EXPECT_THAT(refused({"--nonsense"}), HasSubstr("--nonsense"));
  EXPECT_THAT(refused({"--listen", "host.example:80"}), HasSubstr("--listen"));
  EXPECT_THAT(refused({"--seed-file", dir_ / "none"}), HasSubstr("SEED_UNUSABLE"));
  EXPECT_THAT(refused({"--require-api-key", dir_ / "none"}), HasSubstr("FILE_UNREADABLE"));
  EXPECT_THAT(refused({"--tls-certificate", "x"}), HasSubstr("--tls-key"));
  EXPECT_THAT(refused({"--tls-certificate", "x", "--tls-key", "y"}), HasSubstr("FILE_UNREADABLE"));
  std::filesystem::create_directories(state());
  ASSERT_TRUE(base::write_file(state() / "world.json", base::as_bytes("{}"), 0644));
  EXPECT_THAT(refused({}), HasSubstr("world.json"));
}

TEST_F(QuotedPcs, TellsItsVersionAndOptions) {
  EXPECT_THAT(test::run({QUOTED_PCS_BINARY, "--version"}).out, HasSubstr("quoted-pcs "));
  EXPECT_THAT(test::run({QUOTED_PCS_BINARY, "--help"}).out, HasSubstr("--listen-pccs"));
}

}  // namespace
}  // namespace quoted::pcs
