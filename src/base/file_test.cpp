#include "base/file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/hex.h"
#include "test_support/temp_dir.h"

namespace quoted::base {
namespace {

using ::testing::HasSubstr;

TEST(File, WritesWholeFilesWithTheirMode) {
  const test::TempDir dir;
  ASSERT_TRUE(write_file(dir / "a", as_bytes("one"), 0600));
  ASSERT_TRUE(write_file(dir / "a", as_bytes("three"), 0644, true));
  EXPECT_EQ(as_text(read_file(dir / "a", 5).value()), "three");
  struct stat info{};
  ASSERT_EQ(::stat((dir / "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0644U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1)
      << "no temporary file may stay behind";
}

TEST(File, RefusesWhatIsLargerThanAllowed) {
  const test::TempDir dir;
  ASSERT_TRUE(write_file(dir / "a", Bytes(100000), 0600));
  EXPECT_EQ(read_file(dir / "a", 100000).value().size(), 100000U);
  EXPECT_EQ(read_file(dir / "a", 99999).error().code(), ErrorCode::kWrongSize);
}

TEST(File, NamesPathAndReason) {
  const test::TempDir dir;
  EXPECT_THAT(read_file(dir / "none", 1).error().message(),
              HasSubstr("none: No such file or directory"));
  EXPECT_THAT(read_file(dir.path(), 1).error().message(), HasSubstr("Is a directory"));
  const auto written = write_file(dir / "missing/a", as_bytes("x"), 0600);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::kFileUnwritable);
}

TEST(File, AnEmptyPipeDoesNotHangTheReader) {
  const test::TempDir dir;
  ASSERT_EQ(::mkfifo((dir / "pipe").c_str(), 0600), 0);
  EXPECT_TRUE(read_file(dir / "pipe", 10).value().empty());
}

TEST(File, APipeIsReadToTheEndOfItsWriter) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::jthread writer([fd = ends[1]] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(::write(fd, "late", 4), 4);
    ::close(fd);
  });
  const auto content = read_file("/dev/fd/" + std::to_string(ends[0]), 10);
  ASSERT_TRUE(content) << content.error().summary();
  EXPECT_EQ(as_text(*content), "late");
  ::close(ends[0]);
}

}  // namespace
}  // namespace quoted::base
