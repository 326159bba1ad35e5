// What goes wrong between a node and its certification service: quotes flow where they can, the
// state names the cause, and recovery is automatic.
#include <arpa/inet.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "tests_e2e/world.h"

namespace quoted::e2e {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class SilentListener {
 public:
  explicit SilentListener(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    constexpr int kOn = 1;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof kOn);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd_.get(), 16), 0);
  }

 private:
  base::UniqueFd fd_;
};

class CertificationFaults : public testing::Test {
 protected:
  [[nodiscard]] std::string reason(const Node& node) const {
    return node.certification().value("reason", "");
  }
  test::TempDir directory_;
};

TEST_F(CertificationFaults, ANodeThatFindsNobodyRefusesWithTheCauseAndRecovers) {
  std::string port;
  {
    Manufacturer gone(directory_ / "pcs");
    port = gone.pcs_port();
    gone.process().terminate();
  }
  Node node(directory_ / "node",
            {"--collateral", "pcs=http://127.0.0.1:" + port + "/sgx/certification/v4/"});
  ASSERT_TRUE(node.serves()) << node.process().err();
  ASSERT_TRUE(node.becomes("uncertified"));
  // After some failures the source is left alone for a while, which is said with the cause.
  const auto named = testing::AnyOf(HasSubstr("QD4202"), HasSubstr("QD8310"));
  EXPECT_THAT(reason(node), named);
  const auto refused = Application::quote(node.socket());
  ASSERT_FALSE(refused);
  const auto status = quotectl({"status", "--socket", node.socket()});
  EXPECT_EQ(status.exit_code, 2);
  EXPECT_THAT(status.out, HasSubstr("uncertified"));
  EXPECT_THAT(status.out, named);

  const Manufacturer back(directory_ / "pcs", port);
  ASSERT_TRUE(node.becomes("certified")) << node.process().err();
  EXPECT_TRUE(Application::quote(node.socket()));
  EXPECT_EQ(quotectl({"status", "--socket", node.socket()}).exit_code, 0);
}

TEST_F(CertificationFaults, ARestartWithoutTheNetworkQuotesOutOfTheCache) {
  std::string source;
  std::uint16_t port = 0;
  {
    Manufacturer manufacturer(directory_ / "pcs");
    source = "pcs=" + manufacturer.pcs();
    Node node(directory_ / "node", {"--collateral", source});
    ASSERT_TRUE(node.serves()) << node.process().err();
    ASSERT_TRUE(node.becomes("certified")) << node.process().err();
    EXPECT_EQ(node.process().terminate(), 0);
    port = static_cast<std::uint16_t>(std::stoi(manufacturer.pcs_port()));
    manufacturer.process().terminate();
  }
  // Somebody who takes connections and says nothing, which is worse than nobody.
  const SilentListener silent(port);
  Node node(directory_ / "node", {"--collateral", source});
  ASSERT_TRUE(node.serves()) << node.process().err();
  // Certified before the first client is answered.
  EXPECT_TRUE(Application::quote(node.socket())) << node.process().err();
}

TEST_F(CertificationFaults, TheCertifierMayCrash) {
  const Manufacturer manufacturer(directory_ / "pcs");
  Node node(directory_ / "node", {"--collateral", "pcs=" + manufacturer.pcs()});
  ASSERT_TRUE(node.serves()) << node.process().err();
  ASSERT_TRUE(node.becomes("certified")) << node.process().err();
  Application application(node.socket());
  ASSERT_TRUE(application.quotes_more(3));
  // The supervisor's children: the front serves, the other one is the certifier.
  std::string front = node.process().err();
  front = front.substr(front.find("\"front_pid\":") + 12);
  const pid_t front_pid = std::stoi(front);
  const auto children = base::read_file("/proc/" + std::to_string(node.process().pid()) + "/task/" +
                                            std::to_string(node.process().pid()) + "/children",
                                        4096);
  ASSERT_TRUE(children);
  std::istringstream list{std::string(base::as_text(*children))};
  pid_t certifier = 0;
  for (pid_t pid = 0; list >> pid;) {
    if (pid != front_pid) certifier = pid;
  }
  ASSERT_GT(certifier, 0);
  ::kill(certifier, SIGKILL);
  ASSERT_TRUE(test::Process::eventually(
      [&] { return node.process().err().find("certifier_crashed") != std::string::npos; }, 60s));
  ASSERT_TRUE(application.quotes_more(application.quotes() + 10));
  // The next one does its work.
  ASSERT_EQ(quotectl({"sim", "tcb-recovery", "--world", manufacturer.world()}).exit_code, 0);
  ASSERT_EQ(quotectl({"sim", "upgrade", "--state-dir", node.state_dir()}).exit_code, 0);
  EXPECT_TRUE(test::Process::eventually(
      [&] { return node.certification()["tcb"]["cpu_svn"] == "0c0b0303ffff00010000000000000000"; },
      60s))
      << node.process().err();
  application.stop();
  EXPECT_THAT(application.errors(), IsEmpty());
}

TEST_F(CertificationFaults, AMistakeInTheConfigurationIsAStartFailureWithItsPlace) {
  const std::string file = directory_ / "quoted.toml";
  ASSERT_TRUE(base::write_file(
      file, base::as_bytes("[collateral]\n[[collateral.source]]\nkind = \"pcs\"\nurk = \"x\"\n"),
      0644));
  Node node(directory_ / "node", {"--config", file});
  EXPECT_EQ(node.process().wait(), 3);
  EXPECT_THAT(node.process().err(), HasSubstr("quoted.toml:4"));
  EXPECT_THAT(node.process().err(), HasSubstr("url"));
}

}  // namespace
}  // namespace quoted::e2e
