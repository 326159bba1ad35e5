// Starting, serving, crashing and stopping, as seen from outside.
#include <thread>

#include "base/file.h"
#include "service/testing/raw_client.h"
#include "service_fixture.h"
#include "simulation/cpu/published_cpu.h"

namespace quoted::service {
namespace {

using base::text;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(ServiceTest, SaysThatItServesAndDoes) {
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves()) << daemon.process().err();
  EXPECT_EQ(daemon.process().out(), text("quoted: serving ECDSA quotes on ", socket_.native(),
                                         " (platform simulated, SIMULATED-NO-SECURITY, pid ",
                                         daemon.process().pid(), ")\n"));
  EXPECT_EQ(mode_of(socket_), 0777U);
  EXPECT_EQ(mode_of(dir_ / "state"), 0700U);
  EXPECT_EQ(mode_of(published_cpu_), 0644U);
  EXPECT_TRUE(client().init_quote());
}

TEST_F(ServiceTest, MakesAQuoteForAReportOfThePublishedCpu) {
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves()) << daemon.process().err();
  const auto cpu = simulation::parse_published_cpu(base::read_file(published_cpu_, 4096).value());
  ASSERT_TRUE(cpu) << cpu.error().summary();
  const auto target = client().init_quote();
  ASSERT_TRUE(target) << target.error().summary();
  auto report = cpu->ereport({}, target->target_info, {});
  ASSERT_TRUE(report) << report.error().summary();
  const auto size = client().quote_size();
  ASSERT_TRUE(size) << size.error().summary();
  const auto quote = client().quote(*report, *size);
  ASSERT_TRUE(quote) << quote.error().summary();
  EXPECT_EQ(quote->quote.size(), *size);

  report->mac.mutable_view()[0] ^= std::byte{1};
  EXPECT_FALSE(client().quote(*report, *size));
  EXPECT_THAT(daemon.logged("request_failed"), HasSubstr("\"aesm_code\":47"));
}

TEST_F(ServiceTest, StopsInOrderAndLeavesNothing) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Daemon daemon(arguments());
    ASSERT_TRUE(daemon.serves()) << daemon.process().err();
    daemon.process().signal(signal);
    EXPECT_EQ(daemon.process().wait(), kStopped) << daemon.process().err();
    EXPECT_EQ(mode_of(socket_), 0U);
    EXPECT_EQ(mode_of(published_cpu_), 0U);
  }
}

TEST_F(ServiceTest, AnswersTheFirstRequestOfAConnectionWhileItStops) {
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves());
  RawClient early(socket_);
  daemon.process().signal(SIGTERM);
  ASSERT_THAT(daemon.logged("\"event\":\"stopping\""), Not(IsEmpty()));
  early.send(aesm::GetSupportedAttKeyIdNumRequest{});
  EXPECT_TRUE(early.receive());
  EXPECT_EQ(daemon.process().wait(), kStopped);
}

TEST_F(ServiceTest, ANewDaemonMayStartWhileTheOldOneDrains) {
  Daemon old(arguments());
  ASSERT_TRUE(old.serves());
  RawClient held(socket_);
  old.process().signal(SIGTERM);
  ASSERT_THAT(old.logged("\"event\":\"stopping\""), Not(IsEmpty()));
  Daemon fresh(arguments());
  ASSERT_TRUE(fresh.serves()) << fresh.process().err();
  held.send(aesm::GetSupportedAttKeyIdNumRequest{});
  EXPECT_TRUE(held.receive());
  EXPECT_EQ(old.process().wait(), kStopped);
  EXPECT_EQ(mode_of(published_cpu_), 0644U);
  EXPECT_TRUE(client().init_quote());
}

TEST_F(ServiceTest, KeepsItsKeysAcrossARestart) {
  std::vector<sgx::PubKeyId> keys;
  for (int i = 0; i < 2; ++i) {
    Daemon daemon(arguments());
    ASSERT_TRUE(daemon.serves());
    keys.push_back(client().init_quote()->pub_key_id);
  }
  EXPECT_EQ(keys[0], keys[1]);
}

TEST_F(ServiceTest, AnotherSeedIsAnotherWorld) {
  const auto hex_seed = write("hex", std::string(64, 'a') + "\n");
  const auto raw_seed = write("raw", std::string(32, '\xAA'));
  std::vector<sgx::PubKeyId> keys;
  for (const std::vector<std::string>& seed :
       {std::vector<std::string>{}, {"--seed-file", hex_seed}, {"--seed-file", raw_seed}}) {
    std::filesystem::remove_all(dir_ / "state");
    Daemon daemon(arguments(seed));
    ASSERT_TRUE(daemon.serves()) << daemon.process().err();
    keys.push_back(client().init_quote()->pub_key_id);
    EXPECT_EQ(daemon.process().err().find("development_seed") == std::string::npos, !seed.empty());
    EXPECT_THAT(daemon.process().err(), Not(HasSubstr("seed_file_exposed")));
  }
  EXPECT_NE(keys[0], keys[1]);
  EXPECT_EQ(keys[1], keys[2]);
}

TEST_F(ServiceTest, WarnsOfASeedThatOthersCanRead) {
  Daemon daemon(arguments({"--seed-file", write("seed", std::string(64, 'b'), 0640)}));
  ASSERT_TRUE(daemon.serves());
  EXPECT_THAT(daemon.logged("seed_file_exposed"), HasSubstr("chmod 600"));
}

TEST_F(ServiceTest, TheEnvironmentNamesTheSocketUnlessAFlagDoes) {
  const std::vector<std::string> no_socket = {"--state-dir", dir_ / "state"};
  {
    Daemon daemon(no_socket, {{"QUOTED_SOCKET", socket_}});
    ASSERT_TRUE(daemon.serves()) << daemon.process().err();
    EXPECT_TRUE(client().init_quote());
  }
  Daemon daemon(arguments(), {{"QUOTED_SOCKET", dir_ / "other.socket"}});
  ASSERT_TRUE(daemon.serves());
  EXPECT_TRUE(client().init_quote());
  EXPECT_EQ(mode_of(dir_ / "other.socket"), 0U);
}

TEST_F(ServiceTest, ACrashedFrontIsReplacedAndItsBacklogServed) {
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves());
  const ino_t before = inode_of(socket_);
  RawClient in_progress(socket_);
  in_progress.send(aesm::GetSupportedAttKeyIdNumRequest{});
  EXPECT_TRUE(in_progress.receive());
  const pid_t first = daemon.front_pid();
  ASSERT_GT(first, 0);
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  // Whoever connects now waits for the next one.
  RawClient waiting(socket_);
  waiting.send(aesm::GetSupportedAttKeyIdNumRequest{});
  EXPECT_TRUE(in_progress.closed_by_peer());
  if (!waiting.receive()) {
    // It was accepted by the one that died; a client that tries again finds the next.
    EXPECT_TRUE(client().init_quote());
  }
  const pid_t second = daemon.front_pid(2);
  EXPECT_GT(second, 0);
  EXPECT_NE(first, second);
  EXPECT_EQ(inode_of(socket_), before);
  EXPECT_TRUE(client().init_quote());
  EXPECT_EQ(daemon.process().terminate(), kStopped);
}

TEST_F(ServiceTest, AStaleSocketIsReplaced) {
  {
    Daemon killed(arguments());
    ASSERT_TRUE(killed.serves());
    killed.process().signal(SIGKILL);
    killed.process().wait();
    // The front process drains without its supervisor and must not keep the socket alive meanwhile.
    ASSERT_TRUE(test::Process::eventually([&] { return !client().init_quote(); }, 20s));
  }
  ASSERT_NE(inode_of(socket_), 0U);
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves()) << daemon.process().err();
  EXPECT_THAT(daemon.logged("stale_socket_replaced"), HasSubstr(socket_.native()));
  EXPECT_TRUE(client().init_quote());
}

TEST_F(ServiceTest, LogsAsTextWhenAskedTo) {
  Daemon daemon(arguments({"--log-format", "text", "--log-level", "debug", "--threads", "1"}));
  ASSERT_TRUE(daemon.serves());
  EXPECT_TRUE(client().init_quote());
  EXPECT_THAT(daemon.logged("request_answered"), HasSubstr(" debug request_answered: answered "));
}

TEST_F(ServiceTest, ServesWithItsStandardDescriptorsClosed) {
  // Otherwise a connection takes the place of stderr and receives the log.
  test::Process shell(
      {"/bin/sh", "-c",
       text("exec ", QUOTED_BINARY, " --log-level debug --socket ", socket_.native(),
            " --state-dir ", (dir_ / "state").native(), " <&- >&- 2>&-")});
  ASSERT_TRUE(test::Process::eventually([&] { return client().init_quote().has_value(); }, 60s));
  RawClient connection(socket_);
  connection.send(aesm::GetSupportedAttKeyIdNumRequest{});
  EXPECT_EQ(connection.receive_once().size(), 11U);
  EXPECT_EQ(shell.terminate(), kStopped);
}

TEST_F(ServiceTest, HelpAndVersionAreNotErrors) {
  const auto version = test::run({QUOTED_BINARY, "--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, StartsWith("quoted "));
  const auto help = test::run({QUOTED_BINARY, "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("--seed-file"));
  EXPECT_THAT(help.err, IsEmpty());
}

}  // namespace
}  // namespace quoted::service
