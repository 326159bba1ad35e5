#include "recording/recording_file.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "base/file.h"
#include "test_support/temp_dir.h"

namespace quoted::recording {
namespace {

using testing::HasSubstr;

Event data_of(std::size_t size) {
  return {.connection = 1,
          .time_us = 1,
          .kind = Event::Kind::kData,
          .from = Side::kClient,
          .bytes = base::Bytes(size, std::byte{7})};
}

class RecordingFileTest : public testing::Test {
 protected:
  [[nodiscard]] std::string content() const {
    return std::string(base::as_text(base::read_file(path_, kMaxRecordingSize).value()));
  }

  test::TempDir directory_;
  const std::filesystem::path path_ = directory_ / "recording";
};

TEST_F(RecordingFileTest, HoldsEachEventAsSoonAsItHappened) {
  auto file = RecordingFile::create(path_);
  ASSERT_TRUE(file) << file.error().summary();
  EXPECT_EQ(content(), header_line());
  ASSERT_TRUE(file->append(data_of(3)));
  EXPECT_EQ(content(), header_line() + event_line(data_of(3)));

  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(RecordingFileTest, NothingIsOverwritten) {
  ASSERT_TRUE(base::write_file(path_, base::as_bytes("precious"), 0600));
  const auto file = RecordingFile::create(path_);
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message(), HasSubstr("never overwritten"));
  EXPECT_EQ(content(), "precious");
}

TEST_F(RecordingFileTest, MissingDirectoryIsNamed) {
  const auto file = RecordingFile::create(directory_ / "none" / "recording");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message(), HasSubstr("No such file or directory"));
}

TEST_F(RecordingFileTest, FullDiskLeavesTheEventsBefore) {
  auto file = RecordingFile::create(path_);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append(data_of(10)));
  const std::string before = content();

  // The limit stands for the disk: a part of the line is taken, the rest is not.
  const auto previous_action = std::signal(SIGXFSZ, SIG_IGN);
  rlimit previous{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &previous), 0);
  rlimit limit = previous;
  limit.rlim_cur = before.size() + 20;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto status = file->append(data_of(100));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &previous), 0);
  static_cast<void>(std::signal(SIGXFSZ, previous_action));

  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message(), HasSubstr("File too large"));
  EXPECT_EQ(content(), before);
  EXPECT_TRUE(file->append(data_of(1)));
  EXPECT_EQ(content(), before + event_line(data_of(1)));
}

TEST_F(RecordingFileTest, SizeIsBounded) {
  auto file = RecordingFile::create(path_);
  ASSERT_TRUE(file);
  const Event event = data_of(kMaxEventBytes);
  const std::size_t fitting = (kMaxRecordingSize - header_line().size()) / event_line(event).size();
  for (std::size_t i = 0; i < fitting; ++i) ASSERT_TRUE(file->append(event)) << i;
  const auto status = file->append(event);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message(), HasSubstr("at most 67108864"));
}

// As many as a reader takes.
TEST_F(RecordingFileTest, EventsAreBounded) {
  auto file = RecordingFile::create(path_);
  ASSERT_TRUE(file);
  const Event open = {.connection = 1, .time_us = 0, .bytes = {}};
  ASSERT_TRUE(file->append(open));
  for (std::size_t i = 1; i < kMaxRecordingEvents; ++i) ASSERT_TRUE(file->append(data_of(1))) << i;
  const auto status = file->append(data_of(1));
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message(), HasSubstr("has 131072 events"));
  EXPECT_TRUE(parse_recording(content()));
}

}  // namespace
}  // namespace quoted::recording
