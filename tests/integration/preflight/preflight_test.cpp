// quoted --preflight as an operator runs it, beside a daemon that serves and without one.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>

#include <nlohmann/json.hpp>

#include "../service_fixture.h"
#include "aesm/testing/fake_service.h"
#include "base/file.h"
#include "simulation/node/node_state.h"

namespace quoted::service {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kPassed = 0;
constexpr int kFailed = 2;
constexpr int kNotRun = 3;

class PreflightTest : public ServiceTest {
 protected:
  // Every run has to leave nothing behind.
  test::ProcessResult preflight(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command = {QUOTED_BINARY, "--preflight", "--socket",
                                        socket_,       "--state-dir", state_};
    command.insert(command.end(), more.begin(), more.end());
    const auto result = test::run(command, environment(), 300s);
    EXPECT_TRUE(fs::is_empty(temporary_)) << "something is left in " << temporary_;
    return result;
  }
  [[nodiscard]] test::Environment environment() const {
    return {{"QUOTED_SOCKET", ""}, {"TMPDIR", temporary_.native()}};
  }

  static simulation::NodeLevel raised(simulation::NodeLevel level, std::uint16_t by) {
    level.pce_isv_svn = static_cast<std::uint16_t>(level.pce_isv_svn + by);
    return level;
  }
  void write_node(const fs::path& state, const simulation::NodeState& node) const {
    fs::create_directories(state);
    fs::permissions(state, fs::perms::owner_all);
    ASSERT_TRUE(simulation::save_node_state(state / simulation::kNodeStateFileName, node));
  }

  // Names, times and sizes of everything in the directory.
  static std::map<std::string, std::string> traces_of(const fs::path& directory) {
    std::map<std::string, std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      struct stat info{};
      ::lstat(entry.path().c_str(), &info);
      out[entry.path().native()] = base::text(info.st_ino, ' ', info.st_size, ' ',
                                              info.st_mtim.tv_sec, ' ', info.st_mtim.tv_nsec);
    }
    return out;
  }

  fs::path state_ = dir_ / "state";  // of the candidate
  test::TempDir elsewhere_;
  fs::path temporary_ = elsewhere_.path();
};

TEST_F(PreflightTest, PassesWhereNothingServesYetAndLeavesNothing) {
  const auto result = preflight();
  EXPECT_EQ(result.exit_code, kPassed) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("wire fortanix: a quote"));
  EXPECT_THAT(result.out, HasSubstr("verified, TCB status UpToDate"));
  EXPECT_THAT(result.out, HasSubstr("PREFLIGHT: PASSED ("));
  EXPECT_THAT(result.out, Not(HasSubstr("FAILED")));
  EXPECT_FALSE(fs::exists(socket_));
  EXPECT_FALSE(fs::exists(dir_ / "state"));
  EXPECT_THAT(result.out, HasSubstr("no service runs, and the node was never upgraded"));
  EXPECT_EQ(result.err, "");
}

TEST_F(PreflightTest, TouchesNothingOfTheDaemonThatServes) {
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves());
  ASSERT_TRUE(client().init_quote());
  const auto before = traces_of(dir_.path());
  const auto result = preflight({"--json"});
  EXPECT_EQ(result.exit_code, kPassed) << result.out << result.err;
  EXPECT_EQ(traces_of(dir_.path()), before);

  const Json report = Json::parse(result.out);
  EXPECT_EQ(report["passed"], true);
  std::map<std::string, Json> checks;
  for (const Json& check : report["checks"]) checks[check["check"]] = check;
  EXPECT_EQ(checks["no SVN downgrade"]["result"], "passed");
  EXPECT_THAT(checks["no SVN downgrade"]["detail"].get<std::string>(),
              HasSubstr("the service at " + socket_.native()));
  EXPECT_EQ(checks["same root of trust"]["result"], "passed");
  EXPECT_TRUE(client().init_quote());
  EXPECT_EQ(daemon.process().terminate(), kStopped);
}

TEST_F(PreflightTest, RefusesLowerSvnsThanThoseThatServe) {
  const simulation::NodeState first = simulation::default_node_state();
  write_node(dir_ / "state", {.present = raised(first.present, 1),
                              .previous = first.present,
                              .upgraded_at = base::UnixTime(1'700'000'000s)});
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves());
  ASSERT_TRUE(client().init_quote());
  EXPECT_EQ(preflight().exit_code, kPassed);

  state_ = dir_ / "before";
  const auto result = preflight();
  EXPECT_EQ(result.exit_code, kFailed) << result.out << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("QD7202: PCE 13 < 14 of the service at"),
                                HasSubstr("PREFLIGHT: FAILED (")));
}

TEST_F(PreflightTest, GoesByTheStatusOfAServiceThatMakesItNoQuote) {
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves());
  ASSERT_TRUE(client().init_quote());
  fs::remove(published_cpu_);
  auto result = preflight();
  EXPECT_EQ(result.exit_code, kPassed) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("the status of the service at " + socket_.native()));
  EXPECT_THAT(result.out, HasSubstr("same root of trust"));
  EXPECT_THAT(result.out, HasSubstr("simulated-cpu"));

  fs::remove(dir_ / "quoted.json");
  result = preflight();
  EXPECT_EQ(result.exit_code, kPassed) << result.out << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("it makes no quote for this program, and there is no status to go by"));
}

TEST_F(PreflightTest, RefusesLowerSvnsThanTheNodeHad) {
  const simulation::NodeState first = simulation::default_node_state();
  write_node(dir_ / "state", {.present = first.present,
                              .previous = raised(first.present, 2),
                              .upgraded_at = base::UnixTime(1'700'000'000s)});
  const auto result = preflight();
  EXPECT_EQ(result.exit_code, kFailed) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("QD7202: PCE 13 < 15 of "));
}

TEST_F(PreflightTest, RefusesLowerSvnsThanTheNodeHadBesideAServiceToo) {
  const simulation::NodeState first = simulation::default_node_state();
  write_node(dir_ / "state", {.present = first.present,
                              .previous = raised(first.present, 2),
                              .upgraded_at = base::UnixTime(1'700'000'000s)});
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves());
  ASSERT_TRUE(client().init_quote());
  const auto result = preflight();
  EXPECT_EQ(result.exit_code, kFailed) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("QD7202: PCE 13 < 15 of the service at"));
  EXPECT_THAT(result.out, HasSubstr("node.json"));
}

TEST_F(PreflightTest, RefusesACandidateOfAnotherWorld) {
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves());
  ASSERT_TRUE(client().init_quote());
  const auto seed = write("seed", std::string(64, 'a'));
  const auto result = preflight({"--seed-file", seed});
  EXPECT_EQ(result.exit_code, kFailed) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("same root of trust"));
  EXPECT_THAT(result.out, HasSubstr("QD7200: the service that runs has another one"));
}

TEST_F(PreflightTest, FailsWhenTheCandidateCannotStart) {
  write("state", "no directory");
  auto result = preflight();
  EXPECT_EQ(result.exit_code, kFailed) << result.out << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("start"), HasSubstr("it is not a directory")));

  fs::remove(dir_ / "state");
  fs::create_directory(dir_ / "state");
  write("state/node.json", "{");
  result = preflight();
  EXPECT_EQ(result.exit_code, kFailed) << result.out << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("FAILED"), HasSubstr("node.json")));
}

TEST_F(PreflightTest, TakesAnotherCorpus) {
  fs::create_directory(dir_ / "corpus");
  auto result = preflight({"--corpus", dir_ / "corpus"});
  EXPECT_EQ(result.exit_code, kNotRun) << result.out;
  EXPECT_THAT(result.err, HasSubstr("no files *.jsonl"));

  // A client that wants what the service does not have.
  write("corpus/mine.jsonl",
        R"({"format":"quoted-wire-corpus","version":1,"client":"mine"})"
        "\n"
        R"({"conversation":"EPID","step":"InitQuote","send":["05000000","0a03489875"],)"
        R"("expect":["answer initQuoteRes","errorCode value 0","targetInfo size 512"]})"
        "\n");
  result = preflight({"--corpus", dir_ / "corpus"});
  EXPECT_EQ(result.exit_code, kFailed) << result.err;
  EXPECT_THAT(result.out, HasSubstr("QD7201: InitQuote: errorCode: 30, expected 0 (and 1 more)"));
  EXPECT_THAT(result.out, Not(HasSubstr("gramine")));

  write("corpus/mine.jsonl", "{}\n");
  result = preflight({"--corpus", dir_ / "corpus"});
  EXPECT_EQ(result.exit_code, kNotRun);
  EXPECT_THAT(result.err, HasSubstr("mine.jsonl: line 1"));
}

TEST_F(PreflightTest, JudgesADaemonThatServesAlready) {
  auto result = preflight({"--candidate", socket_});
  EXPECT_EQ(result.exit_code, kNotRun) << result.out;
  EXPECT_THAT(result.err, HasSubstr("there is no socket at " + socket_.native()));

  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves());
  ASSERT_TRUE(client().init_quote());
  result = preflight({"--candidate", socket_});
  EXPECT_EQ(result.exit_code, kPassed) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("TCB status not known"));

  // As on a machine where no enclave is at hand.
  fs::remove(published_cpu_);
  result = preflight({"--candidate", socket_});
  EXPECT_EQ(result.exit_code, kPassed) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("GetQuoteEx: there is no enclave for a REPORT"));
}

TEST_F(PreflightTest, FailsWhenTheCandidateCrashes) {
  // A step that the log tells of, and one that lasts and that a crash satisfies.
  fs::create_directory(dir_ / "corpus");
  write("corpus/mine.jsonl",
        R"({"format":"quoted-wire-corpus","version":1,"client":"mine"})"
        "\n"
        R"({"conversation":"half a request","step":"none","send":["00000000"],"expect":["closed"]})"
        "\n"
        R"({"conversation":"half a request","step":"waiting","send":["06000000"],)"
        R"("expect":["closed"],"weight":"should"})"
        "\n");
  test::Process process({QUOTED_BINARY, "--preflight", "--socket", socket_, "--state-dir", state_,
                         "--corpus", dir_ / "corpus"},
                        environment());
  // The supervisor of the candidate starts another front, and all goes on.
  const std::string key = "\"front_pid\":";
  std::string log;
  ASSERT_TRUE(test::Process::eventually(
      [&] {
        for (const auto& entry : fs::directory_iterator(temporary_)) {
          const auto read = base::read_file(entry.path() / "d/log", 1'000'000);
          if (read) log = base::as_text(*read);
        }
        const std::size_t at = log.find(key);
        return at != std::string::npos && log.find("request_malformed", at) != std::string::npos;
      },
      60s));
  ::kill(std::stoi(log.substr(log.find(key) + key.size())), SIGKILL);
  EXPECT_EQ(process.wait(300s), kFailed) << process.out();
  EXPECT_THAT(process.out(), AllOf(HasSubstr("no crash"), HasSubstr("front_crashed"),
                                   HasSubstr("killed by signal 9")));
  EXPECT_TRUE(fs::is_empty(temporary_));
}

TEST_F(PreflightTest, LooksAtWhatTheStartWouldLookAt) {
  write("file", "");
  struct Case {
    fs::path socket;
    fs::path state;
    std::string why;
  };
  for (const auto& [socket, state, why] : {
           Case{dir_ / "none/aesm.socket", state_, "as the directory of the socket"},
           Case{dir_ / "file/aesm.socket", state_, "as the directory of the socket"},
           Case{dir_ / std::string(110, 's'), state_, "at most 107 are possible"},
           Case{dir_ / "file", state_, "is a regular file"},
           Case{socket_, dir_ / "file/state", "file is not a directory"},
           Case{socket_, "/proc/self/none/state", "it cannot be made in /proc/self"},
       }) {
    socket_ = socket;
    state_ = state;
    const auto result = preflight();
    EXPECT_EQ(result.exit_code, kFailed) << why << result.out << result.err;
    EXPECT_THAT(result.out, AllOf(HasSubstr("start  FAILED"), HasSubstr(why)));
    socket_ = dir_ / "aesm.socket";
  }
  EXPECT_FALSE(fs::exists(dir_ / "state"));
}

TEST_F(PreflightTest, PassesOverADirectoryThatNobodyMayRead) {
  // Nobody but root may read it, and root reads everything.
  std::vector<std::string> command = {QUOTED_BINARY, "--preflight", "--socket",
                                      socket_,       "--state-dir", state_};
  fs::create_directories(state_ / "lost+found");
  if (::geteuid() == 0) {
    command.insert(command.begin(), {"/usr/bin/setpriv", "--reuid=65534", "--clear-groups"});
    for (const fs::path& one : {dir_.path(), state_, temporary_}) {
      ASSERT_EQ(::chown(one.c_str(), 65534, 65534), 0);
    }
  }
  fs::permissions(state_ / "lost+found", fs::perms::none);
  const auto result = test::run(command, environment(), 300s);
  EXPECT_EQ(result.exit_code, kPassed) << result.out << result.err;
  fs::permissions(state_ / "lost+found", fs::perms::owner_all);
}

TEST_F(PreflightTest, ComparesWithAServiceThatCannotBeReached) {
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves());
  ASSERT_TRUE(client().init_quote());
  // Somebody listens, and does not accept: the backlog is full.
  fs::rename(socket_, dir_ / "served");
  const base::UniqueFd busy = aesm::test::listen_on(socket_, 0);
  std::vector<base::UniqueFd> waiting;
  for (;;) {
    waiting.push_back(aesm::test::connect_at_once(socket_));
    if (!waiting.back().valid()) break;
  }
  const auto result = preflight();
  EXPECT_EQ(result.exit_code, kPassed) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("the status of the service at " + socket_.native()));
  EXPECT_THAT(result.out, AllOf(HasSubstr("same root of trust"),
                                HasSubstr("did not accept the connection within")));
}

TEST_F(PreflightTest, SparesAServiceUnlessToldOtherwise) {
  Daemon daemon(arguments());
  ASSERT_TRUE(daemon.serves());
  ASSERT_TRUE(client().init_quote());
  auto result = preflight({"--candidate", socket_});
  EXPECT_EQ(result.exit_code, kPassed) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("4 GiB: it may harm a daemon that is not proof against it"));
  result = preflight({"--candidate", socket_, "--hostile"});
  EXPECT_EQ(result.exit_code, kPassed) << result.out << result.err;
  EXPECT_THAT(result.out, Not(HasSubstr("it may harm")));
}

TEST_F(PreflightTest, EndsAtItsTimeLimit) {
  const aesm::test::FakeService silent(
      dir_ / "silent",
      [](aesm::test::ServedConnection connection) { connection.wait_until_client_closes(); });
  const auto result = preflight({"--candidate", dir_ / "silent", "--time-limit", "1", "--json"});
  EXPECT_EQ(result.exit_code, kFailed) << result.err;
  const Json report = Json::parse(result.out);
  EXPECT_EQ(report["passed"], false);
  EXPECT_EQ(report["checks"].back()["check"], "time");
}

TEST_F(PreflightTest, SaysThatItsOwnProcessWasKilled) {
  const aesm::test::FakeService silent(
      dir_ / "silent",
      [](aesm::test::ServedConnection connection) { connection.wait_until_client_closes(); });
  test::Process process(
      {QUOTED_BINARY, "--preflight", "--candidate", dir_ / "silent", "--socket", socket_.native()},
      environment());
  ASSERT_TRUE(test::Process::eventually([&] { return silent.connections() > 0; }, 60s));
  pid_t worker = 0;
  std::ifstream(base::text("/proc/", process.pid(), "/task/", process.pid(), "/children")) >>
      worker;
  ASSERT_GT(worker, 0);
  ::kill(worker, SIGKILL);
  EXPECT_EQ(process.wait(), kNotRun);
  EXPECT_THAT(process.err(), AllOf(HasSubstr("was killed by signal 9"), HasSubstr("remedy:")));
}

TEST_F(PreflightTest, RemovesWhatAKilledOneLeftAndNothingElse) {
  const auto make = [&](const std::string& name, fs::perms mode) {
    fs::create_directory(temporary_ / name);
    std::ofstream(temporary_ / name / "secret") << "secret";
    fs::permissions(temporary_ / name, mode);
    return temporary_ / name;
  };
  const fs::path left = make("quoted-preflight-aaaaaa", fs::perms::owner_all);
  const fs::path open_to_all = make("quoted-preflight-bbbbbb", fs::perms::all);
  const fs::path used = make("quoted-preflight-cccccc", fs::perms::owner_all);
  const fs::path other = make("quoted-preflight-notes", fs::perms::owner_all);
  const fs::path linked = make("linked", fs::perms::owner_all);
  fs::create_directory_symlink(linked, temporary_ / "quoted-preflight-dddddd");
  const base::UniqueFd lock(::open(used.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX | LOCK_NB), 0);

  const auto result = test::run(
      {QUOTED_BINARY, "--preflight", "--candidate", socket_, "--socket", socket_}, environment());
  EXPECT_EQ(result.exit_code, kNotRun);
  EXPECT_FALSE(fs::exists(left));
  for (const fs::path& kept : {open_to_all, used, other, linked}) {
    EXPECT_TRUE(fs::exists(kept / "secret")) << kept;
  }
  EXPECT_TRUE(fs::is_symlink(temporary_ / "quoted-preflight-dddddd"));
  fs::remove_all(temporary_);
  fs::create_directory(temporary_);
}

TEST_F(PreflightTest, RefusesEmptyPathsAndWhereNoSocketFits) {
  for (const char* const flag : {"--candidate", "--corpus"}) {
    const auto result = preflight({flag, ""});
    EXPECT_EQ(result.exit_code, kNotRun);
    EXPECT_THAT(result.err, AllOf(HasSubstr(flag), HasSubstr("it is empty, expected a path")));
  }
  const fs::path deep = temporary_ / std::string(90, 'd');
  fs::create_directory(deep);
  const auto result =
      test::run({QUOTED_BINARY, "--preflight", "--socket", socket_, "--state-dir", state_},
                {{"QUOTED_SOCKET", ""}, {"TMPDIR", deep.native()}});
  EXPECT_EQ(result.exit_code, kNotRun) << result.out;
  EXPECT_THAT(result.err, AllOf(HasSubstr("TMPDIR is "), HasSubstr("at most 107 are possible")));
}

TEST_F(PreflightTest, SaysWhenItsTableCannotBePrinted) {
  const base::UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  test::Process process({QUOTED_BINARY, "--preflight", "--socket", dir_ / "none/aesm.socket"},
                        environment(), full.get());
  EXPECT_EQ(process.wait(), kNotRun);
  EXPECT_THAT(process.err(), HasSubstr("cannot print the table"));
}

TEST_F(PreflightTest, ItsFlagsGoWithIt) {
  const auto result =
      test::run({QUOTED_BINARY, "--candidate", socket_.native()}, environment(), 60s);
  EXPECT_EQ(result.exit_code, kStartFailure);
  EXPECT_THAT(result.err, HasSubstr("--preflight"));
}

TEST_F(PreflightTest, ASignalEndsItAndLeavesNothing) {
  const aesm::test::FakeService silent(
      dir_ / "silent",
      [](aesm::test::ServedConnection connection) { connection.wait_until_client_closes(); });
  int before = 0;
  for (const int signal : {SIGTERM, SIGQUIT, SIGUSR1}) {
    test::Process process({QUOTED_BINARY, "--preflight", "--candidate", dir_ / "silent", "--socket",
                           socket_.native()},
                          environment());
    ASSERT_TRUE(test::Process::eventually([&] { return silent.connections() > before + 1; }, 60s));
    EXPECT_FALSE(fs::is_empty(temporary_));
    process.signal(signal);
    EXPECT_EQ(process.wait(), kNotRun);
    EXPECT_TRUE(fs::is_empty(temporary_));
    before = silent.connections();
  }
}

TEST_F(PreflightTest, ASignalEndsTheCandidateToo) {
  // Nobody certifies it, so that it is waited for.
  test::Process process({QUOTED_BINARY, "--preflight", "--socket", socket_, "--state-dir", state_,
                         "--collateral", "pcs=http://127.0.0.1:1"},
                        environment());
  const auto candidate_serves = [&] {
    if (fs::is_empty(temporary_)) return false;
    return fs::exists(fs::directory_iterator(temporary_)->path() / "d/aesm.socket");
  };
  ASSERT_TRUE(test::Process::eventually(candidate_serves, 60s)) << process.err();
  EXPECT_EQ(process.terminate(), kNotRun);
  EXPECT_TRUE(fs::is_empty(temporary_));
}

}  // namespace
}  // namespace quoted::service
