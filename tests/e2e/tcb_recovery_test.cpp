// The story that this project is for: an application keeps asking for quotes while a TCB recovery
// is published and its node is updated. It is never touched, and sees no error.
#include "quote/quote.h"
#include "tests_e2e/world.h"

namespace quoted::e2e {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class TcbRecovery : public testing::Test {
 protected:
  // The verdict on a quote of this moment with the collateral of this moment.
  [[nodiscard]] std::string tcb_status(const Manufacturer& manufacturer, const Node& node) {
    const auto quote = Application::quote(node.socket());
    if (!quote) return quote.error().summary();
    const std::string quote_file = directory_ / "quote.bin";
    const std::string bundle = directory_ / "bundle.json";
    const std::string root = directory_ / "root.pem";
    EXPECT_TRUE(base::write_file(quote_file, *quote, 0600));
    const auto made = quotectl({"sim", "root", "--state-dir", manufacturer.world(), "--out", root});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    const auto fetched =
        quotectl({"collateral", "fetch", "--source", "pcs=" + manufacturer.pcs(), "--fmspc",
                  "ff53494d0000", "--ca", "platform", "--root", root, "--out", bundle});
    EXPECT_EQ(fetched.exit_code, 0) << fetched.err;
    const auto verdict =
        quotectl({"verify", quote_file, "--root", root, "--collateral", bundle, "--json"});
    const auto json = nlohmann::json::parse(verdict.out, nullptr, false);
    if (!json.is_object()) return verdict.err;
    return json.value("tcb_status", json.dump());
  }

  // Of the QE that makes a quote now.
  [[nodiscard]] static std::string qe_svn(const Node& node) {
    const auto made = Application::quote(node.socket());
    if (!made) return made.error().summary();
    const auto quote = quote::Quote::parse(*made);
    if (!quote) return quote.error().summary();
    return std::to_string(static_cast<std::uint16_t>(quote->signature.qe_report.isv_svn));
  }

  test::TempDir directory_;
};

TEST_F(TcbRecovery, TheApplicationSeesNothingOfIt) {
  const Manufacturer manufacturer(directory_ / "pcs");
  Node node(directory_ / "node", {"--collateral", "pcs=" + manufacturer.pcs()});
  ASSERT_TRUE(node.serves()) << node.process().err();
  ASSERT_TRUE(node.becomes("certified")) << node.process().err();

  Application application(node.socket());
  ASSERT_TRUE(application.quotes_more(10));
  EXPECT_EQ(tcb_status(manufacturer, node), "UpToDate");

  const auto recovery = quotectl(
      {"sim", "tcb-recovery", "--world", manufacturer.world(), "--advisory", "SIMULATED-SA-00042"});
  ASSERT_EQ(recovery.exit_code, 0) << recovery.err;
  EXPECT_EQ(tcb_status(manufacturer, node), "OutOfDate");

  const auto upgrade = quotectl({"sim", "upgrade", "--state-dir", node.state_dir()});
  ASSERT_EQ(upgrade.exit_code, 0) << upgrade.err;
  ASSERT_TRUE(test::Process::eventually(
      [&] { return node.certification()["tcb"]["cpu_svn"] == "0c0b0303ffff00010000000000000000"; },
      60s))
      << node.process().err();
  EXPECT_EQ(tcb_status(manufacturer, node), "UpToDate");

  ASSERT_TRUE(application.quotes_more(application.quotes() + 10));
  application.stop();
  EXPECT_THAT(application.errors(), IsEmpty());
  EXPECT_EQ(node.process().terminate(), 0);
}

TEST_F(TcbRecovery, AnUpdateOfTheQuotingEnclaveIsNotSeenEither) {
  const Manufacturer manufacturer(directory_ / "pcs");
  Node node(directory_ / "node", {"--collateral", "pccs=" + manufacturer.pccs()});
  ASSERT_TRUE(node.serves()) << node.process().err();
  ASSERT_TRUE(node.becomes("certified")) << node.process().err();
  Application application(node.socket());
  ASSERT_TRUE(application.quotes_more(10));
  for (const char* const svn : {"9", "10"}) {
    const auto upgrade =
        quotectl({"sim", "upgrade", "--state-dir", node.state_dir(), "--qe-svn", svn});
    ASSERT_EQ(upgrade.exit_code, 0) << upgrade.err;
    ASSERT_TRUE(test::Process::eventually([&] { return qe_svn(node) == svn; }, 60s))
        << node.process().err();
    ASSERT_TRUE(application.quotes_more(application.quotes() + 10));
  }
  application.stop();
  EXPECT_THAT(application.errors(), IsEmpty());
}

}  // namespace
}  // namespace quoted::e2e
