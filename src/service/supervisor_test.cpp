// The supervisor with front processes that behave as a test wants. It runs in a process of its
// own, because it takes over that process's signals.
#include "service/supervisor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "base/text.h"
#include "fakes/captured_log.h"
#include "test_support/temp_dir.h"

namespace quoted::service {
namespace {

using namespace std::chrono_literals;
using base::text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Clock = std::chrono::steady_clock;

int wait_for_term() { return SignalSet::block({SIGTERM})->wait(); }

// Serves until it is told to stop.
int well_behaved(int, const ControlChannel& supervisor) {
  supervisor.send({});
  (void)wait_for_term();
  return 0;
}

class SupervisorTest : public ::testing::Test {
 protected:
  ~SupervisorTest() override {
    if (supervisor_ <= 0) return;
    ::kill(supervisor_, SIGKILL);
    ::waitpid(supervisor_, nullptr, 0);
  }

  void start(const Supervisor::FrontMain& front) {
    supervisor_ = ::fork();
    ASSERT_GE(supervisor_, 0);
    if (supervisor_ > 0) return;
    ::dup2(stdout_.get(), STDOUT_FILENO);
    Supervisor supervisor({.socket = socket_,
                           .companions = {companion_},
                           .description = "platform fake",
                           .certifier_main = certifier_,
                           .stop_patience = patience_},
                          front, log_.logger());
    const auto outcome = supervisor.run();
    if (!outcome) {
      log_.logger().error("outcome", outcome.error().summary());
      ::_exit(static_cast<int>(ExitCode::kStartFailure));
    }
    ::_exit(static_cast<int>(*outcome));
  }

  // The exit code of the supervisor; -1 when it does not end in time.
  int wait() {
    const auto give_up = Clock::now() + 20s;
    int status = 0;
    while (::waitpid(supervisor_, &status, WNOHANG) == 0) {
      if (Clock::now() > give_up) return -1;
      std::this_thread::sleep_for(1ms);
    }
    supervisor_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  void signal(int number) const { ::kill(supervisor_, number); }

  // Waits until so many lines of the log contain `part`.
  bool logged(std::string_view part, std::size_t count = 1) const {
    const auto give_up = Clock::now() + 20s;
    while (log_.lines_with(part).size() < count) {
      if (Clock::now() > give_up) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }

  // The process id in the n-th line that says that a front process serves.
  pid_t front_pid(std::size_t n = 0) const {
    const std::string line = log_.lines_with("\"event\":\"serving\"").at(n);
    return std::stoi(line.substr(line.find("\"front_pid\":") + 12));
  }

  std::string stdout_text() const {
    std::string out(4096, '\0');
    out.resize(static_cast<std::size_t>(::pread(stdout_.get(), out.data(), out.size(), 0)));
    return out;
  }

  std::function<int()> certifier_;
  test::TempDir dir_;
  std::filesystem::path socket_ = dir_ / "s";
  std::filesystem::path companion_ = dir_ / "companion";
  std::chrono::milliseconds patience_{10s};
  base::UniqueFd stdout_{::memfd_create("stdout", 0)};
  test::CapturedLog log_;
  pid_t supervisor_ = 0;
};

TEST_F(SupervisorTest, SaysWhenItServesAndStopsInOrder) {
  for (const int stop_signal : {SIGTERM, SIGINT}) {
    start(well_behaved);
    ASSERT_TRUE(logged("\"event\":\"serving\"", stop_signal == SIGTERM ? 1 : 2));
    const pid_t pid = supervisor_;
    std::ofstream(companion_) << "x";
    signal(stop_signal);
    EXPECT_EQ(wait(), 0);
    EXPECT_THAT(stdout_text(), HasSubstr(text("quoted: serving ECDSA quotes on ", socket_.native(),
                                              " (platform fake, pid ", pid, ")\n")));
    EXPECT_FALSE(std::filesystem::exists(socket_));
    EXPECT_FALSE(std::filesystem::exists(companion_));
  }
}

TEST_F(SupervisorTest, AFrontThatCannotStartIsAStartFailure) {
  start([](int, const ControlChannel& supervisor) {
    supervisor.send({base::Error(base::ErrorCode::kSeedUnusable, "no seed")});
    return 3;
  });
  EXPECT_EQ(wait(), 3);
  EXPECT_THAT(log_.lines_with("outcome"), ElementsAre(HasSubstr("no seed")));
  EXPECT_THAT(stdout_text(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(SupervisorTest, AnExceptionInTheFrontIsAStartFailureToo) {
  start([](int, const ControlChannel&) -> int { throw std::runtime_error("a defect"); });
  EXPECT_EQ(wait(), 3);
  EXPECT_THAT(log_.lines_with("outcome"), ElementsAre(HasSubstr("a defect")));
}

TEST_F(SupervisorTest, ASocketThatCannotBeMadeIsAStartFailure) {
  socket_ = dir_ / "missing" / "s";
  start(well_behaved);
  EXPECT_EQ(wait(), 3);
  EXPECT_THAT(log_.lines_with("outcome"), ElementsAre(HasSubstr("missing")));
}

TEST_F(SupervisorTest, ACrashedFrontIsReplacedOnTheSameSocket) {
  start(well_behaved);
  ASSERT_TRUE(logged("\"event\":\"serving\""));
  struct stat before{};
  ASSERT_EQ(::stat(socket_.c_str(), &before), 0);
  ::kill(front_pid(), SIGKILL);
  ASSERT_TRUE(logged("\"event\":\"serving\"", 2));
  EXPECT_NE(front_pid(0), front_pid(1));
  struct stat after{};
  ASSERT_EQ(::stat(socket_.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_THAT(log_.lines_with("front_crashed"), ElementsAre(HasSubstr("killed by signal 9")));
  signal(SIGTERM);
  EXPECT_EQ(wait(), 0);
  // Said once: scripts wait for it.
  EXPECT_EQ(stdout_text().find("serving"), stdout_text().rfind("serving"));
}

TEST_F(SupervisorTest, AFrontThatKeepsCrashingIsGivenUp) {
  const auto begin = Clock::now();
  start([](int, const ControlChannel&) { return ::raise(SIGKILL); });
  EXPECT_EQ(wait(), 1);
  EXPECT_LT(Clock::now() - begin, 10s);
  EXPECT_THAT(log_.lines_with("front_crashed"), SizeIs(5));
  EXPECT_THAT(log_.lines_with("front_gave_up"), SizeIs(1));
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(SupervisorTest, AFrontThatEndsUnaskedHasCrashedWhateverItSays) {
  start([](int, const ControlChannel& supervisor) {
    supervisor.send({});
    return 0;
  });
  EXPECT_EQ(wait(), 1);
  EXPECT_THAT(log_.lines_with("front_crashed").front(), HasSubstr("exited with code 0"));
}

TEST_F(SupervisorTest, AFrontThatDoesNotStopIsKilled) {
  patience_ = 200ms;
  start([](int, const ControlChannel& supervisor) {
    supervisor.send({});
    while (true) ::pause();
    return 0;
  });
  ASSERT_TRUE(logged("\"event\":\"serving\""));
  const auto begin = Clock::now();
  signal(SIGTERM);
  EXPECT_EQ(wait(), 1);
  EXPECT_GE(Clock::now() - begin, 200ms);
  EXPECT_THAT(log_.lines_with("front_killed"), ElementsAre(HasSubstr("did not stop in time")));
}

TEST_F(SupervisorTest, ASecondSignalKills) {
  start([](int, const ControlChannel& supervisor) {
    supervisor.send({});
    while (true) ::pause();
    return 0;
  });
  ASSERT_TRUE(logged("\"event\":\"serving\""));
  signal(SIGTERM);
  ASSERT_TRUE(logged("\"event\":\"stopping\""));
  signal(SIGINT);
  EXPECT_EQ(wait(), 1);
  EXPECT_THAT(log_.lines_with("front_killed"), ElementsAre(HasSubstr("second signal")));
}

TEST_F(SupervisorTest, AStopDuringTheStartComesAfterIt) {
  start([](int listening, const ControlChannel& supervisor) {
    std::this_thread::sleep_for(300ms);
    return well_behaved(listening, supervisor);
  });
  std::this_thread::sleep_for(100ms);
  signal(SIGTERM);
  EXPECT_EQ(wait(), 0);
  EXPECT_THAT(log_.lines_with("\"event\":\"serving\""), SizeIs(1));
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(SupervisorTest, AStopBetweenTwoFrontsIsInOrder) {
  start([](int, const ControlChannel&) { return ::raise(SIGKILL); });
  ASSERT_TRUE(logged("front_crashed", 3));
  signal(SIGTERM);
  EXPECT_THAT(wait(), ::testing::AnyOf(0, 1));
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(SupervisorTest, SighupStopsNothing) {
  start(well_behaved);
  ASSERT_TRUE(logged("\"event\":\"serving\""));
  signal(SIGHUP);
  EXPECT_TRUE(logged("signal_ignored"));
  signal(SIGTERM);
  EXPECT_EQ(wait(), 0);
}

TEST_F(SupervisorTest, ACertifierThatEndsIsStartedAgainAndTheFrontServesOn) {
  certifier_ = [marks = (dir_ / "marks").native()] {
    std::ofstream(marks, std::ios::app) << ::getpid() << "\n";
    return 1;
  };
  start(well_behaved);
  ASSERT_TRUE(logged("\"event\":\"serving\""));
  ASSERT_TRUE(logged("certifier_crashed", 2));
  EXPECT_THAT(log_.lines_with("certifier_crashed").front(), HasSubstr("exited with code 1"));
  EXPECT_THAT(log_.lines_with("front_crashed"), IsEmpty());
  signal(SIGTERM);
  EXPECT_EQ(wait(), 0);
  std::ifstream marks(dir_ / "marks");
  std::size_t starts = 0;
  for (std::string line; std::getline(marks, line);) ++starts;
  EXPECT_GE(starts, 2U);
}

TEST_F(SupervisorTest, TheCertifierEndsWithTheDaemon) {
  certifier_ = [file = (dir_ / "pid").native()] {
    std::ofstream(file) << ::getpid() << std::endl;
    while (true) ::pause();
    return 0;
  };
  start(well_behaved);
  ASSERT_TRUE(logged("\"event\":\"serving\""));
  pid_t pid = 0;
  const auto give_up = Clock::now() + 10s;
  while (!(std::ifstream(dir_ / "pid") >> pid) && Clock::now() < give_up) {
    std::this_thread::sleep_for(1ms);
  }
  ASSERT_GT(pid, 0);
  signal(SIGTERM);
  EXPECT_EQ(wait(), 0);
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST_F(SupervisorTest, TheFrontEndsWithItsSupervisor) {
  start([alive = (dir_ / "alive").native()](int listening, const ControlChannel& supervisor) {
    const int code = well_behaved(listening, supervisor);
    std::ofstream(alive) << "ended";
    return code;
  });
  ASSERT_TRUE(logged("\"event\":\"serving\""));
  signal(SIGKILL);
  EXPECT_EQ(wait(), -1);
  const auto give_up = Clock::now() + 10s;
  while (!std::filesystem::exists(dir_ / "alive") && Clock::now() < give_up) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_TRUE(std::filesystem::exists(dir_ / "alive"));
}

TEST_F(SupervisorTest, StopsConnectionsBeforeTheFront) {
  // The front tells whether connections were already refused when it was told to stop.
  start([](int listening, const ControlChannel& supervisor) {
    supervisor.send({});
    (void)wait_for_term();
    pollfd refused{.fd = listening, .events = POLLRDHUP, .revents = 0};
    return ::poll(&refused, 1, 0) == 1 ? 0 : 9;
  });
  ASSERT_TRUE(logged("\"event\":\"serving\""));
  signal(SIGTERM);
  EXPECT_EQ(wait(), 0);
}

}  // namespace
}  // namespace quoted::service
