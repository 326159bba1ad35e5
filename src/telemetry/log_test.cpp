#include "telemetry/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "telemetry/log_line.h"
#include "test_support/temp_dir.h"

namespace quoted::telemetry {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class FakeLogClock final : public LogClock {
 public:
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override {
    return std::chrono::sys_days(std::chrono::year{2026} / 1 / 2);
  }
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override { return now_; }
  void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  std::chrono::steady_clock::time_point now_{1h};
};

class LoggerTest : public ::testing::Test {
 protected:
  LoggerTest() : file_(::open((dir_ / "log").c_str(), O_CREAT | O_RDWR | O_APPEND, 0600)) {}

  LogOptions options(Level level) const { return {.fd = file_.get(), .level = level}; }

  std::vector<std::string> lines() const {
    std::string text(1 << 20, '\0');
    text.resize(static_cast<std::size_t>(::pread(file_.get(), text.data(), text.size(), 0)));
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      out.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return out;
  }

  test::TempDir dir_;
  FakeLogClock clock_;
  base::UniqueFd file_;
};

TEST_F(LoggerTest, WritesWhatIsAtOrAboveTheLevel) {
  Logger logger(options(Level::kWarning), clock_);
  logger.debug("e", "no");
  logger.info("e", "no");
  logger.warning("e", "first");
  logger.error("e", "second", {{"k", 1}});
  ASSERT_THAT(lines(), SizeIs(2));
  EXPECT_THAT(lines()[0], HasSubstr("first"));
  EXPECT_THAT(lines()[1], HasSubstr("\"k\":1"));
}

TEST_F(LoggerTest, SuppressedRepeatsAreCountedOnTheNextLine) {
  LogOptions limited = options(Level::kInfo);
  limited.repeats = {.per_second = 1, .burst = 2};
  Logger logger(limited, clock_);
  for (int i = 0; i < 10; ++i) logger.info("noisy", "again");
  logger.info("other", "not limited by the noise");
  clock_.advance(2s);
  logger.info("noisy", "at last");
  ASSERT_THAT(lines(), SizeIs(4));
  EXPECT_THAT(lines()[2], HasSubstr("not limited"));
  EXPECT_THAT(lines()[3], HasSubstr("\"suppressed\":8"));
}

TEST_F(LoggerTest, EventsBelowTheLevelDoNotCountAsRepeats) {
  LogOptions limited = options(Level::kInfo);
  limited.repeats = {.per_second = 1, .burst = 1};
  Logger logger(limited, clock_);
  for (int i = 0; i < 10; ++i) logger.debug("e", "unseen");
  logger.info("e", "seen");
  ASSERT_THAT(lines(), SizeIs(1));
}

TEST_F(LoggerTest, LinesOfSeveralThreadsStayWhole) {
  LogOptions wide = options(Level::kInfo);
  wide.repeats = {.per_second = 100000, .burst = 100000};
  Logger logger(wide, clock_);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&logger] {
      for (int i = 0; i < 100; ++i) logger.info("e", std::string(300, 'x'));
    });
  }
  threads.clear();
  ASSERT_THAT(lines(), SizeIs(400));
  for (const std::string& line : lines()) EXPECT_EQ(line, lines().front());
}

TEST_F(LoggerTest, SurvivesADescriptorThatTakesNothing) {
  Logger logger({.fd = -1}, clock_);
  logger.error("e", "nobody hears");
}

TEST(LogNames, LevelsParseAndPrint) {
  for (const Level level : {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError}) {
    EXPECT_EQ(parse_level(name_of(level)), level);
  }
  EXPECT_EQ(parse_level("Info"), std::nullopt);
  EXPECT_EQ(parse_level(""), std::nullopt);
}

TEST(LogNames, FilesGetJson) {
  const base::UniqueFd null(::open("/dev/null", O_WRONLY));
  EXPECT_EQ(format_for(null.get()), LogFormat::kJson);
}

TEST_F(LoggerTest, AReaderThatStoppedDoesNotStopWhoLogs) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const base::UniqueFd reader(ends[0]);
  const base::UniqueFd writer(ends[1]);
  Logger logger({.fd = writer.get(), .repeats = {.per_second = 100'000, .burst = 100'000}}, clock_);
  for (int i = 0; i < 10'000; ++i) logger.info("e", "fills the pipe, which holds 64 KiB");

  std::string drained(1 << 20, '\0');
  ASSERT_GT(::read(reader.get(), drained.data(), drained.size()), 0);
  logger.info("e", "there again");
  drained.resize(static_cast<std::size_t>(::read(reader.get(), drained.data(), drained.size())));
  EXPECT_THAT(drained, HasSubstr("there again"));
  EXPECT_THAT(drained, HasSubstr("\"suppressed\":"));
}

}  // namespace
}  // namespace quoted::telemetry
