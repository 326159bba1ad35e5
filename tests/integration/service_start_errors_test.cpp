// Every way not to start: one sentence with cause and remedy, exit code 3, nothing left behind.
#include <sys/socket.h>
#include <sys/un.h>

#include "service_fixture.h"

namespace quoted::service {
namespace {

using base::text;
using ::testing::HasSubstr;

class StartErrorTest : public ServiceTest {
 protected:
  void expect_error(const std::vector<std::string>& arguments, const std::string& code,
                    const std::string& words) const {
    std::vector<std::string> command = {QUOTED_BINARY};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto result = test::run(command, {{"QUOTED_SOCKET", ""}});
    EXPECT_EQ(result.exit_code, kStartFailure);
    EXPECT_EQ(result.out, "");
    const std::size_t message = result.err.find("quoted: ");
    ASSERT_NE(message, std::string::npos) << result.err;
    const std::string explanation = result.err.substr(message);
    const std::size_t cause = explanation.find("\n  cause:  ");
    EXPECT_THAT(explanation.substr(0, cause), HasSubstr(words));
    EXPECT_LT(cause, explanation.find("\n  remedy: "));
    EXPECT_THAT(explanation, HasSubstr("\n  code:   " + code + " "));
  }

  void expect_error_with_seed(const std::string& content, const std::string& words) const {
    expect_error(arguments({"--seed-file", write("seed", content)}), "QD4011", words);
    EXPECT_EQ(inode_of(socket_), 0U);
  }
};

TEST_F(StartErrorTest, Arguments) {
  expect_error({"--no-such-flag"}, "QD1001", "--no-such-flag");
  expect_error({"surplus"}, "QD1001", "surplus");
  expect_error({"--socket"}, "QD1001", "--socket");
  expect_error({"--platform", "dcap"}, "QD1001", "'dcap', expected simulated");
  expect_error({"--log-format", "xml"}, "QD1001", "'xml', expected auto, json or text");
  expect_error({"--log-level", "loud"}, "QD1001", "'loud', expected debug");
  expect_error({"--threads", "many"}, "QD1001", "many");
  expect_error({"--threads", "-1"}, "QD1001", "'-1', expected 0 to");
  expect_error({"--threads", "1025"}, "QD1001", "'1025', expected 0 to 1024");
  expect_error({"--state-dir", ""}, "QD1001", "--state-dir");
}

TEST_F(StartErrorTest, Seed) {
  expect_error(arguments({"--seed-file", dir_ / "missing"}), "QD4011", "No such file");
  expect_error(arguments({"--seed-file", dir_.path()}), "QD4011", "Is a directory");
  expect_error_with_seed("", "has 0 bytes");
  expect_error_with_seed(std::string(31, 'x'), "has 31 bytes");
  expect_error_with_seed(std::string(33, 'x'), "has 33 bytes");
  expect_error_with_seed(std::string(63, 'a') + "g", "has 64 bytes");
  expect_error_with_seed(std::string(66, 'a'), "has 66 bytes");
  expect_error_with_seed(std::string(10'000, 'a'), "larger than");
}

TEST_F(StartErrorTest, StateDirectory) {
  write("state", "a file");
  expect_error(arguments(), "QD4009", "not a directory");
  EXPECT_EQ(inode_of(socket_), 0U);
  expect_error({"--socket", socket_, "--state-dir", dir_ / "state" / "below"}, "QD4009",
               "Not a directory");
  expect_error({"--socket", socket_, "--state-dir", "/proc/no-such-directory"}, "QD4009", "/proc");
}

TEST_F(StartErrorTest, SocketPath) {
  const std::filesystem::path too_long = dir_ / std::string(120, 's');
  expect_error({"--socket", too_long, "--state-dir", dir_ / "state"}, "QD4000", "at most 107");
  expect_error({"--socket", dir_ / "missing" / "s", "--state-dir", dir_ / "state"}, "QD4001",
               "missing");
  std::filesystem::create_directory(socket_);
  expect_error(arguments(), "QD4003", "is a directory");
  std::filesystem::remove(socket_);
  write("aesm.socket", "precious");
  expect_error(arguments(), "QD4003", "is a regular file");
  EXPECT_EQ(std::filesystem::file_size(socket_), 8U);
}

TEST_F(StartErrorTest, LiveDaemon) {
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves());
  expect_error(arguments(), "QD4004", text("process ", daemon.process().pid(), " listens on"));
  EXPECT_TRUE(client().init_quote());
}

TEST_F(StartErrorTest, PublishedCpuThatCannotBeWrittenLeavesNoSocket) {
  std::filesystem::create_directory(published_cpu_);
  expect_error(arguments(), "QD1004", published_cpu_);
  EXPECT_EQ(inode_of(socket_), 0U);
}

}  // namespace
}  // namespace quoted::service
