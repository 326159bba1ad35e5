// `quotectl collateral probe`: the step that fails, what to do, and the exit code.
#include "http/testing/scripted_server.h"
#include "quotectl_fixture.h"

namespace quoted::quotectl {
namespace {

using http::testing::DeadPort;
using http::testing::Peer;
using http::testing::reply_text;
using http::testing::ScriptedServer;
using testing::HasSubstr;
using testing::Not;

constexpr int kProbeFailed = 2;

class ProbeCommand : public QuotectlTest {
 protected:
  [[nodiscard]] test::ProcessResult probe(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"collateral", "probe"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    test::Environment quiet = environment();
    for (const char* const name : {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY",
                                   "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
      quiet[name] = "";
    }
    return quotectl(arguments, quiet);
  }
};

TEST_F(ProbeCommand, NamesTheStepAndTheRemedy) {
  const DeadPort dead;
  const auto result = probe({base::text("http://127.0.0.1:", dead.port())});
  EXPECT_EQ(result.exit_code, kProbeFailed) << result.err;
  EXPECT_THAT(result.out, HasSubstr("failed_step: connect"));
  EXPECT_THAT(result.out, HasSubstr("remedy: start the service, or correct the port\n"));
  EXPECT_THAT(result.out, Not(HasSubstr("collateral probe")));
  EXPECT_THAT(result.out, HasSubstr("not asked for"));
}

TEST_F(ProbeCommand, SpeaksJson) {
  const ScriptedServer portal([](Peer& peer) {
    peer.answer(reply_text("200 OK", "Content-Type: text/html\r\n", "<html>Log in</html>"));
  });
  const auto result = probe({portal.url(), "--kind", "pccs", "--fmspc", "00906ea10000", "--json"});
  EXPECT_EQ(result.exit_code, kProbeFailed) << result.err;
  const auto out = nlohmann::ordered_json::parse(result.out);
  EXPECT_EQ(out.at("result"), "failed");
  EXPECT_EQ(out.at("failed_step"), "content");
  EXPECT_EQ(out.at("code"), "QD8302");
  const auto& document = out.at("documents").at(0);
  EXPECT_THAT(document.at("document").get<std::string>(), HasSubstr("00906ea10000"));
  const auto& request = document.at("requests").at(0);
  EXPECT_EQ(request.at("status"), 200);
  EXPECT_EQ(request.at("peer"), base::text("127.0.0.1:", portal.port()));
  for (const char* const step : {"resolve_ms", "connect_ms", "reply_ms", "body_ms"}) {
    EXPECT_TRUE(request.contains(step)) << step;
  }
  EXPECT_FALSE(request.contains("tls_ms"));
}

TEST_F(ProbeCommand, TellsAUsersMistakeFromAServicesTrouble) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {},
           {"ftp://127.0.0.1"},
           {"https://127.0.0.1/sgx/certification/v3/"},
           {"https://127.0.0.1", "--kind", "other"},
           {"https://127.0.0.1", "--fmspc", "12"},
           {"https://127.0.0.1", "--ca-file", "/nonexistent"},
           {"https://127.0.0.1", "--ca-file", "/nonexistent", "--insecure"},
           {"https://127.0.0.1", "--root", "/nonexistent"}}) {
    const auto result = probe(arguments);
    EXPECT_EQ(result.exit_code, kError) << result.out;
    EXPECT_EQ(result.out, "");
  }
}

}  // namespace
}  // namespace quoted::quotectl
