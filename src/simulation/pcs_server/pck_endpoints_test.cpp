#include "collateral/pck_certificate.h"
#include "http/percent.h"
#include "simulation/pcs_server/reply.h"
#include "simulation/pcs_server/testing/service_fixture.h"

namespace quoted::simulation {
namespace {

using test::kV4;

// With a QE id and no PPID.
constexpr std::string_view kV4Q =
    "/sgx/certification/v4/pckcert?qeid=000102030405060708090a0b0c0d0e0f";

MasterSeed seed_of() { return MasterSeed::development(); }

class PckEndpointsTest : public test::ServiceTest {};

TEST_F(PckEndpointsTest, ACertificateComesWithExactlyTheHeadersOfTheRealService) {
  register_node();
  const auto reply = pcs(pck_target(encrypted_ppid()));
  ASSERT_EQ(reply.status, 200U) << header(reply, "Error-Message");
  EXPECT_EQ(header(reply, "Content-Type"), "application/x-pem-file");
  EXPECT_EQ(header(reply, "SGX-TCBm"), "0B0B0303FFFF000100000000000000000D00");
  EXPECT_EQ(header(reply, "SGX-FMSPC"), "FF53494D0000");
  EXPECT_EQ(header(reply, "SGX-PCK-Certificate-CA-Type"), "platform");
  EXPECT_EQ(header(reply, "Request-ID").size(), 32U);
  const std::string chain = header(reply, "SGX-PCK-Certificate-Issuer-Chain");
  EXPECT_TRUE(chain.starts_with("-----BEGIN%20CERTIFICATE-----%0A"));
  EXPECT_TRUE(chain.ends_with("-----END%20CERTIFICATE-----%0A"));
  EXPECT_EQ(chain.find_first_of("+/= \n"), std::string::npos);
  EXPECT_EQ(http::percent_decoded(chain), authority().pck_issuer_chain_pem(PckCa::kPlatform));
  EXPECT_TRUE(reply.body.ends_with("-----END CERTIFICATE-----\n"));

  const auto leaf =
      collateral::PckCertificate::create(crypto::Certificate::parse_pem(reply.body).value());
  ASSERT_TRUE(leaf);
  EXPECT_TRUE(leaf->certificate().signed_by(authority().ca(PckCa::kPlatform).public_key()));
  const auto platform = manufacture(seed_of(), model()).value();
  EXPECT_EQ(leaf->sgx().ppid, platform.ppid);
  // The key that the platform's own PCE signs with at that level.
  const Psvn level{platform.cpu.cpu_svn(), 13};
  EXPECT_EQ(
      leaf->certificate().public_key().point(),
      derive_pck_key(platform.cpu, simulated_pce_secs(13), level).value().public_key().point());
}

TEST_F(PckEndpointsTest, PccsAnswersTheSameWithALargeCaType) {
  register_node(model("node-1", PckCa::kProcessor));
  const auto of = model("node-1", PckCa::kProcessor);
  const auto from_pcs = pcs(pck_target(encrypted_ppid(of)));
  const auto reply = pccs(pck_target(encrypted_ppid(of)));
  ASSERT_EQ(reply.status, 200U) << reply.body;
  EXPECT_EQ(reply.body, from_pcs.body);
  EXPECT_EQ(header(reply, "SGX-PCK-Certificate-CA-Type"), "PROCESSOR");
  EXPECT_EQ(header(from_pcs, "SGX-PCK-Certificate-CA-Type"), "processor");
  EXPECT_EQ(header(reply, "SGX-TCBm"), header(from_pcs, "SGX-TCBm"));
}

TEST_F(PckEndpointsTest, TheLevelIsTheBestNotAboveTheRawTcb) {
  register_node();
  const auto tcbm = [&](std::string_view cpu_svn, std::string_view pce_svn) {
    const auto reply = pcs(pck_target(
        encrypted_ppid(), base::text("&cpusvn=", cpu_svn, "&pcesvn=", pce_svn, "&pceid=0000")));
    return reply.status == 200 ? header(reply, "SGX-TCBm") : std::to_string(reply.status);
  };
  const std::string best = "0B0B0303FFFF000100000000000000000D00";
  const std::string below = "0A0A0303FFFF000100000000000000000D00";
  EXPECT_EQ(tcbm("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "FFFF"), best);
  EXPECT_EQ(tcbm("0a0b0303ffff00010000000000000000", "0d00"), below);
  EXPECT_EQ(tcbm("0b0b0303fffe00010000000000000000", "0d00"), "404");
  EXPECT_EQ(tcbm("0b0b0303ffff00010000000000000000", "0c00"), "404");
  EXPECT_EQ(pccs(pck_target(encrypted_ppid(),
                            "&cpusvn=00000000000000000000000000000000"
                            "&pcesvn=0000&pceid=0000"))
                .status,
            462U);
}

TEST_F(PckEndpointsTest, AQeIdStandsForItsPlatformWhereThePpidIsZeros) {
  register_node();
  for (const Dialect dialect : {Dialect::kPcs, Dialect::kPccs}) {
    EXPECT_EQ(ask(dialect, pck_target(zeros())).status, 404U);
  }
  EXPECT_EQ(pccs(base::text(kV4Q, kRawTcb)).status, 461U);
  EXPECT_EQ(pcs(base::text(kV4Q, kRawTcb)).status, 400U);
  ASSERT_EQ(pcs(pck_target(encrypted_ppid())).status, 200U);
  for (const Dialect dialect : {Dialect::kPcs, Dialect::kPccs}) {
    EXPECT_EQ(ask(dialect, pck_target(zeros())).status, 200U);
    EXPECT_EQ(ask(dialect, base::text(kV4Q, kRawTcb)).status, 200U);
  }
  // Also after a restart.
  restart();
  EXPECT_EQ(pccs(pck_target(zeros())).status, 200U);
}

TEST_F(PckEndpointsTest, WhoIsNotRegisteredIsUnknown) {
  EXPECT_EQ(pcs(pck_target(encrypted_ppid())).status, 404U);
  const auto reply = pccs(pck_target(encrypted_ppid()));
  EXPECT_EQ(reply.status, 461U);
  EXPECT_EQ(header(reply, "Content-Type"), "text/plain; charset=utf-8");
  EXPECT_FALSE(reply.body.empty());
}

TEST_F(PckEndpointsTest, HostileParametersAreRefused) {
  register_node();
  const std::string good = encrypted_ppid();
  const auto status = [&](const std::string& target) {
    EXPECT_EQ(pccs(target).status, pcs(target).status) << target;
    return pcs(target).status;
  };
  EXPECT_EQ(status(pck_target(good)), 200U);
  EXPECT_EQ(status(pck_target(good) + "&clientid=x&api-version=1"), 200U);
  for (const std::string& target :
       {pck_target(good.substr(2)), pck_target(good + "00"), pck_target("zz" + good.substr(2)),
        pck_target(good) + "&pceid=0000", pck_target(good) + "&x=1&x=2",
        pck_target(good, "&cpusvn=00&pcesvn=0D00&pceid=0000"),
        pck_target(good, "&cpusvn=0b0b0303ffff00010000000000000000&pcesvn=0D&pceid=0000"),
        pck_target(good, "&cpusvn=0b0b0303ffff00010000000000000000&pcesvn=0D00"),
        pck_target(std::string(768, 'f'))}) {
    EXPECT_EQ(status(target), 400U) << target;
  }
  std::string many = pck_target(good);
  for (int i = 0; i < 40; ++i) many += base::text("&p", i, "=");
  EXPECT_EQ(status(many), 400U);
  EXPECT_EQ(status(pck_target(good,
                              "&cpusvn=0b0b0303ffff00010000000000000000&pcesvn=0D00"
                              "&pceid=0100")),
            404U);
  const std::string long_id =
      base::text(kV4, "pckcert?qeid=", std::string(262, '0'), "&encrypted_ppid=", good, kRawTcb);
  EXPECT_EQ(status(long_id), 400U);
  EXPECT_EQ(pccs(base::text(kV4, "pckcert?encrypted_ppid=", good, kRawTcb)).status, 400U);
  EXPECT_EQ(pcs(base::text(kV4, "pckcert?encrypted_ppid=", good, kRawTcb)).status, 200U);
}

TEST_F(PckEndpointsTest, AManifestTakesThePlaceOfAPpid) {
  Json body = {{"platformManifest", base::to_hex(manifest())},
               {"cpusvn", "0b0b0303ffff00010000000000000000"},
               {"pcesvn", "0d00"},
               {"pceid", "0000"}};
  const auto reply = post(Dialect::kPcs, base::text(kV4, "pckcert"), body);
  ASSERT_EQ(reply.status, 200U) << header(reply, "Error-Message");
  EXPECT_EQ(pcs(pck_target(encrypted_ppid())).body, reply.body);
  body["platformManifest"] = base::to_hex(base::Bytes(60));
  EXPECT_EQ(post(Dialect::kPcs, base::text(kV4, "pckcert"), body).status, 400U);
  for (const std::string& hostile :
       {std::string("{"), std::string("[]"), std::string(), std::string("{\"pceid\":0}"),
        std::string("{\"pceid\":\"0000\",\"pceid\":\"0000\"}")}) {
    EXPECT_EQ(ask(Dialect::kPcs, base::text(kV4, "pckcert"), "POST", hostile).status, 400U);
  }
  EXPECT_EQ(post(Dialect::kPccs, base::text(kV4, "pckcert"), body).status, 404U);
}

TEST_F(PckEndpointsTest, AllCertificatesOfAPlatformComeAsAList) {
  register_node();
  const auto reply = pcs(base::text(kV4, "pckcerts?pceid=0000&encrypted_ppid=", encrypted_ppid()));
  ASSERT_EQ(reply.status, 200U) << header(reply, "Error-Message");
  EXPECT_EQ(header(reply, "Content-Type"), "application/json");
  EXPECT_EQ(header(reply, "SGX-TCBm"), "");
  const Json list = Json::parse(reply.body);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0]["tcbm"], "0B0B0303FFFF000100000000000000000D00");
  EXPECT_EQ(list[0]["tcb"]["sgxtcbcomp05svn"], 255);
  EXPECT_EQ(list[0]["tcb"]["sgxtcbcomp16svn"], 0);
  EXPECT_EQ(list[0]["tcb"]["pcesvn"], 13);
  EXPECT_EQ(http::percent_decoded(list[0]["cert"].get<std::string>()),
            pcs(pck_target(encrypted_ppid())).body);
  const auto of_configuration =
      pcs(base::text(kV4,
                     "pckcerts/config?cpusvn=0a0a0303ffff00010000000000000000&pceid=0000"
                     "&encrypted_ppid=",
                     encrypted_ppid()));
  EXPECT_EQ(Json::parse(of_configuration.body).size(), 1U);
  EXPECT_EQ(pccs(base::text(kV4, "pckcerts?pceid=0000")).status, 404U);
}

TEST_F(PckEndpointsTest, TheSameCertificateIsServedAfterARestart) {
  register_node();
  const std::string before = pcs(pck_target(encrypted_ppid())).body;
  restart();
  EXPECT_EQ(pcs(pck_target(encrypted_ppid())).body, before);
}

TEST_F(PckEndpointsTest, AKeyIsWantedWhereItIsRequired) {
  PcsServiceOptions options;
  options.api_key = base::SecretBytes::copy_of(base::as_bytes("secret"));
  restart(std::move(options));
  register_node();
  const std::string target = pck_target(encrypted_ppid());
  EXPECT_EQ(pcs(target).status, 401U);
  EXPECT_EQ(ask(Dialect::kPcs, target, "GET", "", {{"Ocp-Apim-Subscription-Key", "secreT"}}).status,
            401U);
  EXPECT_EQ(ask(Dialect::kPcs, target, "GET", "", {{"ocp-apim-subscription-key", "secret"}}).status,
            200U);
  EXPECT_EQ(pccs(target).status, 200U);
  EXPECT_EQ(pcs(std::string(test::kTcbPath)).status, 200U);
}

TEST_F(PckEndpointsTest, RegistrationGivesThePpidAndIsKept) {
  const base::Bytes content = manifest();
  const auto reply =
      ask(Dialect::kPcs, "/sgx/registration/v1/platform", "POST", base::as_text(content));
  EXPECT_EQ(reply.status, 201U);
  EXPECT_EQ(reply.body, manufacture(seed_of(), model()).value().ppid.hex());
  ASSERT_EQ(world().platforms.size(), 1U);
  EXPECT_EQ(world().platforms[0].identity.name, "node-1");
  register_node();
  EXPECT_EQ(world().platforms.size(), 1U);
  EXPECT_EQ(ask(Dialect::kPcs, "/sgx/registration/v1/platform", "POST", "nonsense").status, 400U);
  base::Bytes forged = content;
  forged.back() ^= std::byte{1};
  EXPECT_EQ(
      ask(Dialect::kPcs, "/sgx/registration/v1/platform", "POST", base::as_text(forged)).status,
      400U);
}

TEST_F(PckEndpointsTest, PccsTakesRegistrationRecords) {
  const std::string target = base::text(kV4, "platforms");
  const Json record = {{"qe_id", "000102030405060708090a0b0c0d0e0f"},
                       {"pce_id", "0000"},
                       {"cpu_svn", ""},
                       {"pce_svn", ""},
                       {"enc_ppid", ""},
                       {"platform_manifest", base::to_hex(manifest())}};
  EXPECT_EQ(post(Dialect::kPccs, target, record).status, 200U);
  EXPECT_EQ(pccs(pck_target(zeros())).status, 200U);
  Json by_ppid = record;
  by_ppid["platform_manifest"] = "";
  by_ppid["qe_id"] = std::string(32, 'f');
  EXPECT_EQ(post(Dialect::kPccs, target, by_ppid).status, 400U);
  by_ppid["enc_ppid"] = encrypted_ppid(model("unknown"));
  EXPECT_EQ(post(Dialect::kPccs, target, by_ppid).status, 461U);
  by_ppid["enc_ppid"] = encrypted_ppid();
  EXPECT_EQ(post(Dialect::kPccs, target, by_ppid).status, 200U);
  EXPECT_EQ(world().platforms[0].qe_ids.size(), 2U);

  PcsServiceOptions options;
  options.user_token = base::SecretBytes::copy_of(base::as_bytes("token"));
  restart(std::move(options));
  EXPECT_EQ(post(Dialect::kPccs, target, record).status, 401U);
  EXPECT_EQ(ask(Dialect::kPccs, target, "POST", record.dump(), {{"user-token", "token"}}).status,
            200U);
}

}  // namespace
}  // namespace quoted::simulation
