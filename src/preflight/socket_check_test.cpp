#include "preflight/socket_check.h"

#include <gmock/gmock.h>

#include <fstream>

#include "test_support/temp_dir.h"

namespace quoted::preflight {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

TEST(SocketCheck, EveryClientMustBeAbleToConnect) {
  const test::TempDir dir;
  // Modes are those of files of any kind.
  const fs::path socket = dir / "aesm.socket";
  std::ofstream(socket) << "";
  fs::permissions(socket, fs::perms::all);
  EXPECT_EQ(socket_mode_check(socket).outcome, Outcome::kPassed);
  fs::permissions(socket, fs::perms(0770));
  const Check check = socket_mode_check(socket);
  EXPECT_EQ(check.outcome, Outcome::kFailed);
  EXPECT_THAT(check.detail, HasSubstr("it is 0770, expected 0777"));
  EXPECT_EQ(socket_mode_check(dir / "none").outcome, Outcome::kFailed);
}

}  // namespace
}  // namespace quoted::preflight
