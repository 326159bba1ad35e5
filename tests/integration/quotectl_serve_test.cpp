// The verification service as relying parties meet it: its verdicts are those of the library, it
// picks the right collateral, and it refuses what it was not started to allow.
#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "collateral/collateral.h"
#include "crypto/server_identity.h"
#include "http/client.h"
#include "serve_fixture.h"
#include "verification/testing/vector_cases.h"

namespace quoted::quotectl {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;
using verification::testing::VectorCase;

const std::string kRealDirectory = QUOTED_VECTORS_DIR "/verification-real/";

ordered_json request_for(const VectorCase& vector) {
  ordered_json out = {{"quote", base::to_base64(vector.file("quote.bin"))},
                      {"time", vector.at.time_since_epoch().count()}};
  const collateral::Collateral documents = vector.collateral();
  for (const auto& part : collateral::kCollateralParts) {
    out["collateral"][std::string(part.name)] = base::to_base64(documents.*part.bytes);
  }
  return out;
}

const VectorCase& vector_named(const std::string& name) {
  static const std::vector<VectorCase> all = verification::testing::vector_cases();
  const auto found = std::ranges::find(all, name, &VectorCase::name);
  if (found == all.end()) throw std::logic_error("there is no vector " + name);
  return *found;
}

std::string_view status_of(const verification::Verdict& verdict) {
  switch (verdict.decision) {
    case verification::Decision::kVerified:
      return "verified";
    case verification::Decision::kVerifiedWithWarnings:
      return "verified_with_warnings";
    case verification::Decision::kRefused:
      break;
  }
  return "refused";
}

class Serve : public QuotectlTest {
 protected:
  // Quotes of the shared daemon's world, and its collateral in the directory `name`.
  void issue(const std::string& name) const {
    const auto result =
        quotectl({"sim", "collateral", "--out", file(name), "--state-dir", daemon().state_dir()});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
};

TEST_F(Serve, VerdictsAreThoseOfTheLibrary) {
  std::map<std::string, std::vector<const VectorCase*>> by_root;
  const auto all = verification::testing::vector_cases();
  for (const VectorCase& one : all) by_root[one.root().pem()].push_back(&one);
  std::map<std::string, int> seen;
  for (const auto& [pem, vectors] : by_root) {
    const std::string root = write("root.pem", base::as_bytes(pem));
    const ServeProcess service(
        {"--root", root, "--allow-client-collateral", "--allow-client-time"});
    RawClient client = service.connect();
    for (const VectorCase* const one : vectors) {
      const std::string body = request_for(*one).dump();
      // Some are there for their size, which is more than a request may have.
      if (body.size() > std::size_t{1024} * 1024) continue;
      const Answer answer = client.ask(
          request_text("POST", "/v1/verify", "Content-Type: application/json\r\n", body));
      ASSERT_EQ(answer.status, 200) << one->name << ": " << answer.body;
      const ordered_json got = ordered_json::parse(answer.body);
      const verification::Verifier verifier({one->trusted_root()});
      const auto expected =
          verifier.verify(one->file("quote.bin"),
                          collateral::ParsedCollateral::parse(one->collateral()), one->at, {});
      EXPECT_EQ(got["status"], status_of(expected)) << one->name;
      EXPECT_EQ(got["checks"].size(), expected.checks.size()) << one->name;
      if (expected.refusal) {
        EXPECT_EQ(got["code"], expected.refusal->entry().id) << one->name;
        EXPECT_THAT(got["reason"].get<std::string>(), HasSubstr(": ")) << one->name;
      } else {
        EXPECT_EQ(got["tcb_status"], expected.collateral->tcb_status) << one->name;
        EXPECT_EQ(got["advisories"], ordered_json(expected.collateral->advisories)) << one->name;
      }
      ++seen[got["status"]];
    }
  }
  EXPECT_GT(seen["verified"], 5);
  EXPECT_GT(seen["verified_with_warnings"], 5);
  EXPECT_GT(seen["refused"], 50);
}

TEST_F(Serve, PicksTheCollateralOfThePlatform) {
  const std::vector<std::string> loaded = {"tdx-v4-up-to-date", "sgx-v3-platform-sw-hardening",
                                           "sgx-v3-processor-sw-hardening-2025-03"};
  std::vector<std::string> arguments = {"--allow-client-time"};
  for (const std::string& one : loaded) {
    arguments.insert(arguments.end(), {"--collateral", kRealDirectory + one});
  }
  const ServeProcess service(arguments);
  for (const std::string& one : loaded) {
    const VectorCase& vector = vector_named(one);
    const std::string at = std::to_string(vector.at.time_since_epoch().count());
    const std::string directory = kRealDirectory + one;
    // What the command prints, byte for byte.
    const auto printed = quotectl(
        {"verify", directory + "/quote.bin", "--collateral", directory, "--time", at, "--json"});
    const Answer answer =
        service.post_json({{"quote", base::to_base64(vector.file("quote.bin"))}, {"time", at}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, printed.out) << one;
    EXPECT_NE(printed.exit_code, kRefused) << one;
  }
  const VectorCase& stranger = vector_named("tdx-v5-up-to-date");
  const Answer none = service.post_json({{"quote", base::to_base64(stranger.file("quote.bin"))},
                                         {"time", stranger.at.time_since_epoch().count()}});
  EXPECT_EQ(none.status, 200);
  const ordered_json verdict = ordered_json::parse(none.body);
  EXPECT_EQ(verdict["status"], "refused");
  EXPECT_EQ(verdict["code"], "QD8200");
  EXPECT_THAT(verdict["reason"].get<std::string>(), HasSubstr("the quote is of TDX, FMSPC "));
  EXPECT_TRUE(verdict["enclave"].is_null());
  EXPECT_EQ(service.metric("quoted_verify_requests_total{outcome=\"no_collateral\"}"), 1);
  // What says no platform is refused for what it is.
  const ordered_json garbage =
      ordered_json::parse(service.post("application/octet-stream", "x").body);
  EXPECT_EQ(garbage["code"], "QD8000");
}

TEST_F(Serve, JudgesQuotesOfARunningDaemon) {
  issue("world");
  const ServeProcess service(
      {"--root", file("world") + "/root.pem", "--collateral", file("world")});
  const base::Bytes quote = read(make_quote("quote"));
  const Answer answer = service.post_quote(quote);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  const ordered_json verdict = ordered_json::parse(answer.body);
  EXPECT_EQ(verdict["status"], "verified") << answer.body;
  EXPECT_THAT(verdict["warning"].get<std::string>(), HasSubstr(kSimulated));

  base::Bytes altered = quote;
  altered[100] ^= std::byte{1};
  const Answer refused = service.post_quote(altered);
  EXPECT_EQ(refused.status, 200);
  EXPECT_EQ(ordered_json::parse(refused.body)["status"], "refused");

  EXPECT_EQ(service.get("/healthz").status, 200);
  const Answer ready = service.get("/readyz");
  EXPECT_EQ(ready.status, 200);
  const ordered_json state = ordered_json::parse(ready.body);
  EXPECT_EQ(state["status"], "ready");
  ASSERT_EQ(state["collateral"].size(), 1U);
  EXPECT_EQ(state["collateral"][0]["expired"], false);
  EXPECT_EQ(state["collateral"][0]["expires"].get<std::string>().size(), 20U);
  EXPECT_EQ(service.metric("quoted_verify_requests_total{outcome=\"verified\"}"), 1);
  EXPECT_EQ(service.metric("quoted_verify_requests_total{outcome=\"refused\"}"), 1);
  EXPECT_EQ(service.metric("quoted_verify_duration_seconds_count"), 2);
  EXPECT_EQ(service.metric("quoted_verify_in_flight"), 0);
  EXPECT_TRUE(service.logs("simulated_root"));
  EXPECT_TRUE(service.logs("quote_judged", 2));
}

TEST_F(Serve, ClientsMayNotBringCollateralOrTimeUnlessAllowed) {
  const VectorCase& vector = vector_named("tdx-v4-up-to-date");
  const ServeProcess service({"--collateral", kRealDirectory + vector.name});
  ordered_json with_time = request_for(vector);
  with_time.erase("collateral");
  ordered_json with_collateral = request_for(vector);
  with_collateral.erase("time");
  for (const auto& [request, flag] : {std::pair{with_time, "--allow-client-time"},
                                      std::pair{with_collateral, "--allow-client-collateral"}}) {
    const Answer refused = service.post_json(request);
    EXPECT_EQ(refused.status, 403);
    const ordered_json error = ordered_json::parse(refused.body);
    EXPECT_EQ(error["code"], "QD4110");
    EXPECT_THAT(error["reason"].get<std::string>(), HasSubstr(flag));
  }
  EXPECT_EQ(service.metric("quoted_verify_requests_total{outcome=\"forbidden\"}"), 2);
}

TEST_F(Serve, WhatCannotBeJudgedIsAnErrorOfTheRequest) {
  const ServeProcess service({"--allow-client-collateral", "--allow-client-time"});
  const auto code_of = [](const Answer& answer) {
    return ordered_json::parse(answer.body)["code"].get<std::string>();
  };
  const std::string json = "application/json";
  for (const std::string body :
       {"{", "[]", "{}", R"({"quote":1})", R"({"quote":"Zg="})", R"({"quote":"Zg==","x":1})",
        R"({"quote":"Zg==","quote":"Zg=="})", R"({"quote":""})",
        R"({"quote":"Zg==","collateral":{"tcb_info":"Zg=="}})",
        R"({"quote":"Zg==","collateral":[]})", R"({"quote":"Zg==","collateral":{"evil":""}})"}) {
    const Answer answer = service.post(json, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(code_of(answer), "QD1007") << body << answer.body;
  }
  EXPECT_EQ(service.post(json, R"({"quote":"Zg==","time":"tomorrow"})").status, 400);
  EXPECT_EQ(service.post(json, R"({"quote":"Zg==","time":-1})").status, 400);
  const std::string many(std::size_t{129} * 1024, 'A');
  EXPECT_EQ(service.post("application/octet-stream", many).status, 413);
  EXPECT_EQ(
      service.post("application/octet-stream", std::string(std::size_t{1100} * 1024, 'A')).status,
      413);
  EXPECT_EQ(service.post("application/x-www-form-urlencoded", "quote").status, 415);
  EXPECT_EQ(service.connect()
                .ask("POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
                     "Content-Type: application/octet-stream\r\n\r\n")
                .status,
            400);
  EXPECT_EQ(service.connect().ask(request_text("POST", "/v1/verify")).status, 411);
  const Answer method = service.get("/v1/verify");
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.header("Allow"), "POST");
  EXPECT_EQ(service.get("/").status, 404);
  // A quote without any collateral at all is not taken for a good one.
  const auto verdict = ordered_json::parse(
      service.post_quote(vector_named("tdx-v4-up-to-date").file("quote.bin")).body);
  EXPECT_EQ(verdict["status"], "refused");
}

TEST_F(Serve, NotReadyWhenAllCollateralHasExpired) {
  const ServeProcess service({"--collateral", kRealDirectory + "tdx-v4-up-to-date"});
  EXPECT_TRUE(service.logs("collateral_expired"));
  const Answer ready = service.get("/readyz");
  EXPECT_EQ(ready.status, 503);
  const ordered_json state = ordered_json::parse(ready.body);
  EXPECT_EQ(state["status"], "not_ready");
  EXPECT_EQ(state["collateral"][0]["expired"], true);
  EXPECT_EQ(state["collateral"][0]["expires_first"], "the PCK CRL");
  EXPECT_EQ(service.get("/healthz").status, 200);
}

TEST_F(Serve, HangupLoadsCollateralAgainOrKeepsWhatItHas) {
  const auto put = [&](const std::string& vector) {
    ASSERT_EQ(quotectl({"collateral", "bundle", kRealDirectory + vector, "--out", file("bundle")})
                  .exit_code,
              0);
  };
  const auto loaded = [](const ServeProcess& service) {
    return ordered_json::parse(service.get("/readyz").body)["collateral"][0]["tee"]
        .get<std::string>();
  };
  put("tdx-v4-up-to-date");
  ServeProcess service({"--collateral", file("bundle")});
  EXPECT_EQ(loaded(service), "TDX");
  write("bundle", base::as_bytes("{\"format\":"));
  service.process().signal(SIGHUP);
  EXPECT_TRUE(service.logs("collateral_reload_failed"));
  EXPECT_EQ(loaded(service), "TDX");
  put("sgx-v3-platform-sw-hardening");
  service.process().signal(SIGHUP);
  EXPECT_TRUE(service.logs("collateral_loaded", 2));
  EXPECT_TRUE(test::Process::eventually([&] { return loaded(service) == "SGX"; },
                                        std::chrono::seconds(60)));
  EXPECT_EQ(service.metric("quoted_verify_collateral_reloads_total{result=\"failed\"}"), 1);
  EXPECT_EQ(service.metric("quoted_verify_collateral_reloads_total{result=\"done\"}"), 1);
}

TEST_F(Serve, AppliesAPolicyAndReadsItAgain) {
  issue("world");
  const std::string open = "version = 1\nany_enclave = true\n[platform]\nallow_simulated = true\n";
  const std::string closed =
      "version = 1\n[platform]\nallow_simulated = true\n[[enclave]]\n"
      "mr_enclave = \"" +
      std::string(64, 'a') + "\"\n";
  const std::string policy = write("policy.toml", base::as_bytes(open));
  ServeProcess service(
      {"--root", file("world") + "/root.pem", "--collateral", file("world"), "--policy", policy});
  const base::Bytes quote = read(make_quote("quote"));
  const ordered_json accepted = ordered_json::parse(service.post_quote(quote).body);
  EXPECT_EQ(accepted["decision"], "accepted") << accepted.dump(1);
  EXPECT_EQ(accepted["verdict"]["status"], "verified");

  write("policy.toml", base::as_bytes(closed));
  service.process().signal(SIGHUP);
  EXPECT_TRUE(service.logs("collateral_loaded", 2));
  EXPECT_TRUE(test::Process::eventually(
      [&] { return ordered_json::parse(service.post_quote(quote).body)["decision"] == "refused"; },
      std::chrono::seconds(60)));
  EXPECT_GE(service.metric("quoted_verify_requests_total{outcome=\"refused_by_policy\"}"), 1);

  // A policy with a mistake in it changes nothing.
  write("policy.toml", base::as_bytes("version = 1\nany_enclaves = true\n"));
  service.process().signal(SIGHUP);
  EXPECT_TRUE(service.logs("collateral_reload_failed"));
  EXPECT_EQ(ordered_json::parse(service.post_quote(quote).body)["decision"], "refused");
}

TEST_F(Serve, CountsWhatItKnew) {
  issue("world");
  const ServeProcess service(
      {"--root", file("world") + "/root.pem", "--collateral", file("world")});
  const base::Bytes quote = read(make_quote("quote"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(service.post_quote(quote).status, 200);
  EXPECT_EQ(service.metric("quoted_verify_known_quotes_total{known=\"yes\"}"), 2);
  EXPECT_EQ(service.metric("quoted_verify_known_quotes_total{known=\"no\"}"), 1);
  EXPECT_EQ(service.metric("quoted_verify_known_qe_reports"), 1);
}

// With it every quote would be refused.
TEST_F(Serve, CollateralOfAnotherRootIsAMistake) {
  issue("world");
  EXPECT_THAT(quotectl({"verify", "--serve", "0", "--collateral", file("world")}),
              IsErrorSaying("none of the 1 trusted roots"));
}

TEST_F(Serve, TerminationIsOrderlyAndLeavesNoSocket) {
  const std::string path = file("serve.sock");
  ServeProcess service({"--collateral", kRealDirectory + "tdx-v4-up-to-date"}, "unix:" + path);
  RawClient idle = service.connect();
  EXPECT_EQ(idle.ask(request_text("GET", "/healthz")).status, 200);
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(service.process().terminate(), 0);
  EXPECT_TRUE(idle.reaches_end());
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(service.logs("stopped"));
}

TEST_F(Serve, SocketIsOpenToWhomeverItsModeSays) {
  const std::string path = file("serve.sock");
  const ServeProcess service(
      {"--collateral", kRealDirectory + "tdx-v4-up-to-date", "--socket-mode", "0660"},
      "unix:" + path);
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0660));
  EXPECT_EQ(service.get("/healthz").status, 200);
}

TEST_F(Serve, WarnsOfAnAddressThatOthersReach) {
  const std::vector<std::string> world = {"--collateral", kRealDirectory + "tdx-v4-up-to-date"};
  const ServeProcess open(world, "0.0.0.0:0");
  EXPECT_TRUE(open.logs("serving_unprotected"));
  const ServeProcess own(world, "127.0.0.1:0");
  EXPECT_FALSE(own.has_logged("serving_unprotected"));
}

TEST_F(Serve, SpeaksTlsWithACertificate) {
  const auto now = base::SystemClock().now();
  const auto identity = crypto::make_simulated_server_identity({}, now - std::chrono::hours(1),
                                                               now + std::chrono::hours(1));
  ASSERT_TRUE(identity) << identity.error().summary();
  ASSERT_TRUE(base::write_file(file("c.pem"), base::as_bytes(identity->certificate_pem), 0600));
  ASSERT_TRUE(base::write_file(file("k.pem"), base::as_bytes(identity->key_pem), 0600));
  const ServeProcess service({"--collateral", kRealDirectory + "tdx-v4-up-to-date",
                              "--tls-certificate", file("c.pem"), "--tls-key", file("k.pem")},
                             "0.0.0.0:0");
  http::ClientOptions options;
  options.ca_file = file("c.pem");
  const auto client = http::make_client(options);
  ASSERT_TRUE(client) << client.error().summary();
  const auto port = std::get<http::TcpEndpoint>(service.endpoint()).port;
  const auto reply = (*client)->send({.url = base::text("https://localhost:", port, "/healthz")});
  ASSERT_TRUE(reply) << reply.error().summary();
  EXPECT_EQ(reply->status, 200U);
  EXPECT_FALSE(service.has_logged("serving_unprotected"));
}

TEST_F(Serve, FlagsThatMakeNoSenseAreMistakes) {
  const std::string world = kRealDirectory + "tdx-v4-up-to-date";
  struct Row {
    std::vector<std::string> arguments;
    std::string said;
  };
  for (const Row& row : std::initializer_list<Row>{
           {{"--serve", "0"}, "--collateral"},
           {{"--serve", "localhost:80", "--collateral", world}, "localhost:80"},
           {{"--serve", "0", "--collateral", world, "--json"}, "--json"},
           {{"--serve", "0", "--collateral", world, "quote.bin"}, "QUOTE"},
           {{"--serve", "0", "--collateral", file("nowhere")}, "nowhere"},
           {{"--serve", "0", "--collateral", world, "--threads", "many"}, "threads"},
           {{"--serve", "0", "--collateral", world, "--log-level", "loud"}, "log-level"},
           {{"--serve", "unix:" + file("none/s"), "--collateral", world, "--log-level", "error"},
            "none"},
           {{"--serve", "0", "--collateral", world, "--socket-mode", "0660"}, "unix:PATH"},
           {{"--serve", "unix:" + file("s"), "--collateral", world, "--socket-mode", "rw"},
            "octal"},
           {{"--serve", "unix:" + file("s"), "--collateral", world, "--socket-mode", "4755"},
            "octal"},
           {{"--serve", "0", "--collateral", world, "--tls-key", "k"}, "--tls-certificate"},
           {{"--serve", "0", "--collateral", world, "--tls-certificate", "c"}, "--tls-key"},
           {{"--serve", "unix:" + file("s"), "--collateral", world, "--tls-certificate", "c",
             "--tls-key", "k"},
            "never TLS"},
           {{"--serve", "0", "--collateral", world, "--tls-certificate", file("nowhere"),
             "--tls-key", file("nowhere")},
            "nowhere"},
           {{"quote.bin", "--threads", "2"}, "--serve"},
           {{"quote.bin", "--allow-client-time"}, "--serve"},
           {{"quote.bin", "--collateral", world, "--collateral", world}, "--collateral"}}) {
    std::vector<std::string> arguments = {"verify"};
    arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
    EXPECT_THAT(quotectl(arguments), IsErrorSaying(row.said));
  }
}

}  // namespace
}  // namespace quoted::quotectl
