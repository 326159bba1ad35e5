#include "quoted_inproc/path_check.h"

#include <gmock/gmock.h>

#include <fstream>

#include "test_support/temp_dir.h"

namespace quoted::inproc {
namespace {

using testing::HasSubstr;

std::string refusal(std::uint32_t type, const char* path) {
  const auto checked = check_path(type, path);
  if (checked) return "accepted";
  EXPECT_EQ(checked.error().code, SGX_QL_ERROR_INVALID_PARAMETER);
  return checked.error().reason;
}

// A name of so many characters for `path`.
std::string padded(const std::string& path, std::size_t size) {
  return "/" + std::string(size - 1 - path.size(), '/') + path;
}

TEST(PathCheck, TakesWhatIsThereAndNoDirectory) {
  const test::TempDir directory;
  const std::string file = directory / "enclave";
  std::ofstream(file) << "enclave";
  for (std::uint32_t type = 0; type < 4; ++type) {
    const auto checked = check_path(type, file.c_str());
    ASSERT_TRUE(checked.has_value());
    EXPECT_EQ(static_cast<std::uint32_t>(checked->type), type);
    EXPECT_EQ(checked->path, file);
  }
  EXPECT_TRUE(check_path(0, "/dev/null").has_value());
}

TEST(PathCheck, Refuses) {
  const test::TempDir directory;
  EXPECT_THAT(refusal(0, nullptr), HasSubstr("NULL"));
  EXPECT_THAT(refusal(0, ""), HasSubstr("No such file"));
  EXPECT_THAT(refusal(1, (directory / "nothing").c_str()), HasSubstr("No such file"));
  EXPECT_THAT(refusal(2, directory.path().c_str()), HasSubstr("is a directory"));
  EXPECT_THAT(refusal(4, "/dev/null"), HasSubstr("no path type 4"));
  EXPECT_THAT(refusal(0xFFFFFFFF, "/dev/null"), HasSubstr("4294967295"));
}

TEST(PathCheck, LengthEndsAt259) {
  EXPECT_TRUE(check_path(3, padded("/dev/null", 259).c_str()).has_value());
  EXPECT_THAT(refusal(3, padded("/dev/null", 260).c_str()), HasSubstr("260 characters"));
}

}  // namespace
}  // namespace quoted::inproc
