// A new daemon for a node that its manufacturer certifies over the network: judged beside the old
// one with a certificate and collateral of its own fetching, before and after the node's update.
#include "tests_e2e/world.h"

namespace quoted::e2e {
namespace {

using ::testing::HasSubstr;

class PreflightStory : public ::testing::Test {
 protected:
  [[nodiscard]] test::ProcessResult preflight(const std::string& state_dir) const {
    test::Environment environment = kEnvironment;
    environment["TMPDIR"] = temporary_.path();
    auto result =
        test::run({QUOTED_BINARY, "--preflight", "--socket", node_dir_ / "aesm.socket",
                   "--state-dir", state_dir, "--collateral", "pcs=" + manufacturer_.pcs()},
                  environment, 300s);
    EXPECT_TRUE(std::filesystem::is_empty(temporary_.path()));
    return result;
  }

  test::TempDir dir_;
  test::TempDir temporary_;
  std::filesystem::path node_dir_ = dir_ / "node";
  Manufacturer manufacturer_{dir_ / "world"};
};

TEST_F(PreflightStory, ACandidateBesideTheServiceIsJudgedByItsOwnCertificate) {
  Node node(node_dir_, {"--collateral", "pcs=" + manufacturer_.pcs()});
  ASSERT_TRUE(node.serves());
  ASSERT_TRUE(node.becomes("certified")) << node.process().err();

  auto result = preflight(node.state_dir());
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("verified, TCB status UpToDate"));
  EXPECT_THAT(result.out, HasSubstr("same root of trust"));

  // The manufacturer is away: the candidate has what the service keeps in its cache.
  const std::string elsewhere = dir_ / "without-a-cache";
  EXPECT_EQ(manufacturer_.process().terminate(), 0);
  result = preflight(node.state_dir());
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  result = preflight(elsewhere);
  EXPECT_EQ(result.exit_code, 2) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("QD7200: it serves, but cannot quote"));
  EXPECT_TRUE(Application::quote(node.socket()));
}

}  // namespace
}  // namespace quoted::e2e
