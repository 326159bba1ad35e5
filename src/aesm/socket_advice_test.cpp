#include "aesm/socket_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cerrno>
#include <fstream>

#include "aesm/testing/fake_service.h"
#include "aesm/testing/ordinary_user.h"
#include "aesm/transport.h"
#include "test_support/require.h"
#include "test_support/temp_dir.h"

namespace quoted::aesm {
namespace {

using testing::HasSubstr;

class SocketAdvice : public testing::Test {
 protected:
  // What is said when connecting to the socket has failed with this errno.
  [[nodiscard]] std::string advice(int error) const {
    return socket_advice(socket_, connect_error(socket_, error));
  }

  quoted::test::TempDir directory_;
  std::filesystem::path socket_ = directory_ / "aesm.socket";
};

TEST_F(SocketAdvice, MissingDirectoryIsToBeMounted) {
  socket_ = directory_ / "nowhere/aesm.socket";
  EXPECT_THAT(advice(ENOENT), HasSubstr((directory_ / "nowhere").native() +
                                        " does not exist here: start the service, or in a "
                                        "container mount"));
}

TEST_F(SocketAdvice, EmptyDirectoryMeansNoServiceYet) {
  EXPECT_THAT(advice(ENOENT), HasSubstr("not running or still starting"));
}

TEST_F(SocketAdvice, StaleSocket) {
  {
    const base::UniqueFd gone = test::listen_on(socket_, 1);
  }
  EXPECT_THAT(advice(ECONNREFUSED), HasSubstr("ended without removing its socket"));
}

// A proc file system that tells of one mount and one socket.
class SocketAdviceBesideOthers : public SocketAdvice {
 protected:
  void tell(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((proc_ / file).parent_path());
    std::ofstream(proc_ / file) << text;
  }
  [[nodiscard]] std::string advice(int error) const {
    return socket_advice(socket_, connect_error(socket_, error), proc_);
  }

  std::filesystem::path proc_ = directory_ / "proc";
};

TEST_F(SocketAdviceBesideOthers, DeadSocketThatIsMountedByItself) {
  {
    const base::UniqueFd gone = test::listen_on(socket_, 1);
  }
  const std::string resolved = std::filesystem::canonical(socket_).native();
  tell("self/mountinfo", "900 28 8:1 /aesm.socket " + resolved + " rw - ext4 /dev/sda1 rw\n");
  EXPECT_THAT(advice(ECONNREFUSED),
              HasSubstr("mount its directory " + directory_.path().native() + " instead"));
  tell("self/mountinfo",
       "900 28 8:1 / " + directory_.path().native() + " rw - ext4 /dev/sda1 rw\n");
  EXPECT_THAT(advice(ECONNREFUSED), HasSubstr("ended without removing its socket"));
}

TEST_F(SocketAdviceBesideOthers, AbstractNameThatIsTakenIsMentioned) {
  EXPECT_THAT(advice(ENOENT), testing::Not(HasSubstr("abstract")));
  tell("net/unix", "0: 00000002 00000000 00010000 0001 01 21 @sgx_aesm_socket_base@@@@\n");
  for (const int error : {ENOENT, ECONNREFUSED}) {
    EXPECT_THAT(advice(error), HasSubstr("listens on the abstract name sgx_aesm_socket_base"));
  }
}

TEST_F(SocketAdvice, DirectoryInPlaceOfTheSocket) {
  std::filesystem::create_directory(socket_);
  EXPECT_THAT(advice(ECONNREFUSED), HasSubstr("container runtime makes a directory"));
}

TEST_F(SocketAdvice, FileInPlaceOfTheSocket) {
  std::ofstream(socket_) << "not a socket";
  EXPECT_THAT(advice(ECONNREFUSED), HasSubstr("remove " + socket_.native()));
}

TEST_F(SocketAdvice, ClosedDirectoryIsNamed) {
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::none);
  const test::OrdinaryUser user;
  QUOTED_REQUIRE("an ordinary user", user.effective());
  EXPECT_THAT(advice(EACCES), HasSubstr("may not enter " + directory_.path().native()));
}

TEST_F(SocketAdvice, ClosedSocketIsNamed) {
  using std::filesystem::perms;
  const base::UniqueFd listener = test::listen_on(socket_, 1);
  std::filesystem::permissions(directory_.path(), perms::all);
  std::filesystem::permissions(socket_, perms::none);
  const test::OrdinaryUser user;
  QUOTED_REQUIRE("an ordinary user", user.effective());
  EXPECT_THAT(advice(EACCES), HasSubstr("may not write to " + socket_.native()));
}

TEST_F(SocketAdvice, OpenSocketThatIsForbiddenAllTheSame) {
  const base::UniqueFd listener = test::listen_on(socket_, 1);
  EXPECT_THAT(advice(EACCES), HasSubstr("security module"));
}

TEST_F(SocketAdvice, OtherErrorsHaveTheRemedyOfTheTable) {
  const base::Error error(base::ErrorCode::kDescriptorsExhausted, "none left");
  EXPECT_EQ(socket_advice(socket_, error), error.entry().remedy);
}

TEST(MountPoints, AreTheFifthFieldOfALine) {
  constexpr std::string_view kMounts =
      "22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"
      "900 28 8:1 /run/aesmd/aesm.socket /run/aesmd/aesm.socket rw - ext4 /dev/sda1 rw\n";
  EXPECT_TRUE(is_mount_point(kMounts, "/run/aesmd/aesm.socket"));
  EXPECT_TRUE(is_mount_point(kMounts, "/sys"));
  EXPECT_FALSE(is_mount_point(kMounts, "/run/aesmd"));
  EXPECT_FALSE(is_mount_point(kMounts, "/"));
  EXPECT_FALSE(is_mount_point("", "/"));
  EXPECT_FALSE(is_mount_point("1 2\n\n3", "/"));
}

TEST(AbstractName, IsFoundAsTheKernelPrintsIt) {
  constexpr std::string_view kWith =
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 21 @sgx_aesm_socket_base@@@@@@@@\n";
  EXPECT_TRUE(has_abstract_name(kWith));
  EXPECT_FALSE(has_abstract_name("0: 2 0 0 1 1 21 /run/aesmd/aesm.socket\n"));
}

}  // namespace
}  // namespace quoted::aesm
