#include "service/listening_socket.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/text.h"
#include "fakes/captured_log.h"
#include "test_support/temp_dir.h"

namespace quoted::service {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ListeningSocketTest : public ::testing::Test {
 protected:
  base::Result<ListeningSocket> create() { return create(path_); }
  base::Result<ListeningSocket> create(const fs::path& path) {
    return ListeningSocket::create(path, log_.logger());
  }

  void expect_refused(const fs::path& path, ErrorCode code, const std::string& words) {
    const auto socket = create(path);
    ASSERT_FALSE(socket);
    EXPECT_EQ(socket.error().code(), code) << socket.error().summary();
    EXPECT_THAT(socket.error().summary(), HasSubstr(words));
    // Who listens there plays no part in the look ahead.
    const auto look = ListeningSocket::check(path);
    if (code == ErrorCode::kSocketInUse) {
      EXPECT_TRUE(look) << look.error().summary();
    } else {
      ASSERT_FALSE(look);
      EXPECT_EQ(look.error().code(), code);
    }
  }

  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(dir_.path())) {
      out.push_back(entry.path().filename());
    }
    std::ranges::sort(out);
    return out;
  }

  static base::UniqueFd new_socket(int type) {
    base::UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    if (!fd.valid()) throw std::runtime_error("no socket");
    return fd;
  }

  // A socket of another program, bound at the path.
  base::UniqueFd bind_other(int type) const {
    base::UniqueFd fd = new_socket(type);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.native().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }

  // 0, or the errno of connecting.
  int connect_to(const fs::path& path, std::vector<base::UniqueFd>* keep = nullptr) const {
    base::UniqueFd fd = new_socket(SOCK_STREAM | SOCK_NONBLOCK);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    const int result = ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    const int error = result == 0 ? 0 : errno;
    if (keep != nullptr) keep->push_back(std::move(fd));
    return error;
  }

  ino_t inode() const {
    struct stat info{};
    return ::lstat(path_.c_str(), &info) == 0 ? info.st_ino : 0;
  }

  test::TempDir dir_;
  fs::path path_ = dir_ / "aesm.socket";
  test::CapturedLog log_;
};

TEST_F(ListeningSocketTest, IsListeningAndOpenToEverybody) {
  const mode_t before = ::umask(077);
  const auto socket = create();
  ::umask(before);
  ASSERT_TRUE(socket) << socket.error().summary();
  EXPECT_EQ(connect_to(path_), 0);
  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0777U);
  EXPECT_NE(::fcntl(socket->fd(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(::fcntl(socket->fd(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_THAT(files(), ElementsAre("aesm.socket"));
  EXPECT_THAT(log_.text(), IsEmpty());
}

TEST_F(ListeningSocketTest, LooksAheadWithoutMakingAnything) {
  const auto look = ListeningSocket::check(path_);
  EXPECT_TRUE(look) << look.error().summary();
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(ListeningSocketTest, ThePathMayHave107Bytes) {
  const fs::path longest = dir_ / std::string(107 - dir_.path().native().size() - 1, 's');
  ASSERT_THAT(longest.native(), SizeIs(107));
  EXPECT_TRUE(create(longest));
  expect_refused(longest.native() + "s", ErrorCode::kSocketPathTooLong, "has 108 bytes");
  // Refused for its length, whatever else is wrong with it.
  expect_refused("/nowhere/" + std::string(200, 's'), ErrorCode::kSocketPathTooLong, "209");
}

TEST_F(ListeningSocketTest, ThePathMustNameAFile) {
  expect_refused("", ErrorCode::kInvalidArgument, "names no file");
  expect_refused(dir_.path() / "", ErrorCode::kInvalidArgument, "names no file");
}

TEST_F(ListeningSocketTest, TheDirectoryMustExist) {
  expect_refused(dir_ / "missing" / "s", ErrorCode::kSocketDirectoryMissing, "missing");
  std::ofstream(dir_ / "file") << "x";
  expect_refused(dir_ / "file" / "s", ErrorCode::kSocketDirectoryMissing, "Not a directory");
}

TEST_F(ListeningSocketTest, TheDirectoryMustBeWritable) {
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0555), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // Permissions do not hold for root.
    if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(100);
    const auto socket = create();
    const auto look = ListeningSocket::check(path_);
    if (socket || look || socket.error().code() != look.error().code()) ::_exit(101);
    ::_exit(static_cast<int>(socket.error().code()));
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(ErrorCode::kSocketDirectoryNotWritable));
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0755), 0);
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(ListeningSocketTest, WhatIsNotASocketStays) {
  fs::create_directory(path_);
  expect_refused(path_, ErrorCode::kNotASocket, "is a directory");
  fs::remove(path_);
  std::ofstream(path_) << "precious";
  expect_refused(path_, ErrorCode::kNotASocket, "is a regular file");
  EXPECT_EQ(fs::file_size(path_), 8U);
  fs::remove(path_);
  fs::create_symlink("elsewhere", path_);
  expect_refused(path_, ErrorCode::kNotASocket, "is a symbolic link");
  fs::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  expect_refused(path_, ErrorCode::kNotASocket, "is a special file");
  EXPECT_THAT(files(), ElementsAre("aesm.socket"));
}

TEST_F(ListeningSocketTest, ALiveDaemonIsNamed) {
  const auto first = create();
  ASSERT_TRUE(first);
  const ino_t before = inode();
  expect_refused(path_, ErrorCode::kSocketInUse, base::text("process ", ::getpid(), " listens on"));
  EXPECT_EQ(inode(), before);
  EXPECT_THAT(files(), ElementsAre("aesm.socket"));
}

TEST_F(ListeningSocketTest, ALiveDaemonWithAFullBacklogIsLive) {
  const base::UniqueFd other = bind_other(SOCK_STREAM);
  ASSERT_EQ(::listen(other.get(), 0), 0);
  std::vector<base::UniqueFd> waiting;
  while (connect_to(path_, &waiting) == 0) ASSERT_LT(waiting.size(), 100U);
  expect_refused(path_, ErrorCode::kSocketInUse, "an overloaded process listens on");
}

TEST_F(ListeningSocketTest, AServiceOfAnotherKindIsLive) {
  const base::UniqueFd other = bind_other(SOCK_DGRAM);
  expect_refused(path_, ErrorCode::kSocketInUse, "another protocol");
}

TEST_F(ListeningSocketTest, AStaleSocketIsReplacedWithANotice) {
  bind_other(SOCK_STREAM).reset();
  ASSERT_EQ(connect_to(path_), ECONNREFUSED);
  const auto socket = create();
  ASSERT_TRUE(socket) << socket.error().summary();
  EXPECT_EQ(connect_to(path_), 0);
  EXPECT_THAT(files(), ElementsAre("aesm.socket"));
  EXPECT_THAT(log_.lines_with("stale_socket_replaced"), ElementsAre(HasSubstr(path_.native())));
}

TEST_F(ListeningSocketTest, OfSeveralThatStartAtOnceExactlyOneGetsThePath) {
  for (int round = 0; round < 30; ++round) {
    const fs::path path = dir_ / base::text("s", round);
    std::atomic<bool> go = false;
    std::vector<std::optional<base::Result<ListeningSocket>>> results(6);
    {
      std::vector<std::jthread> threads;
      threads.reserve(results.size());
      for (auto& result : results) {
        threads.emplace_back([&] {
          while (!go) std::this_thread::yield();
          result = create(path);
        });
      }
      go = true;
    }
    int created = 0;
    for (const auto& result : results) {
      if (*result) {
        ++created;
      } else {
        EXPECT_EQ((*result).error().code(), ErrorCode::kSocketInUse) << (*result).error().summary();
      }
    }
    EXPECT_EQ(created, 1);
  }
}

TEST_F(ListeningSocketTest, IsNeverSeenHalfMade) {
  for (int round = 0; round < 100; ++round) {
    const fs::path path = dir_ / base::text("s", round);
    std::atomic<bool> watching = false;
    std::vector<int> failures;
    std::jthread watcher([&] {
      for (int error = -1; error != 0;) {
        error = connect_to(path);
        if (error != 0 && error != ENOENT) failures.push_back(error);
        struct stat info{};
        if (::stat(path.c_str(), &info) == 0 && (info.st_mode & 07777U) != 0777U) {
          failures.push_back(-static_cast<int>(info.st_mode));
        }
        watching = true;
      }
    });
    while (!watching) std::this_thread::yield();
    const auto socket = create(path);
    ASSERT_TRUE(socket);
    watcher.join();
    EXPECT_THAT(failures, IsEmpty());
  }
}

TEST_F(ListeningSocketTest, ALockThatIsNeverReleasedDelaysButDoesNotPrevent) {
  const base::UniqueFd hostile(::open(dir_.path().c_str(), O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(::flock(hostile.get(), LOCK_EX), 0);
  EXPECT_TRUE(create());
  EXPECT_THAT(log_.lines_with("socket_lock_busy"), SizeIs(1));
}

TEST_F(ListeningSocketTest, RefusesConnectionsButKeepsTheBacklog) {
  auto socket = create();
  ASSERT_TRUE(socket);
  std::vector<base::UniqueFd> waiting;
  ASSERT_EQ(connect_to(path_, &waiting), 0);
  socket->refuse_connections();
  EXPECT_EQ(connect_to(path_), ECONNREFUSED);
  EXPECT_TRUE(base::UniqueFd(::accept(socket->fd(), nullptr, nullptr)).valid());
  EXPECT_FALSE(base::UniqueFd(::accept(socket->fd(), nullptr, nullptr)).valid());
}

TEST_F(ListeningSocketTest, IsRemovedTogetherWithItsCompanions) {
  auto socket = create();
  ASSERT_TRUE(socket);
  const std::vector<fs::path> companions = {dir_ / "companion", dir_ / "never-made"};
  std::ofstream(companions[0]) << "x";
  socket->remove(companions, log_.logger());
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(log_.text(), IsEmpty());
}

TEST_F(ListeningSocketTest, ThePathOfAnotherDaemonIsLeftAlone) {
  auto first = create();
  ASSERT_TRUE(first);
  fs::remove(path_);
  const auto second = create();
  ASSERT_TRUE(second);
  const std::vector<fs::path> companions = {dir_ / "companion"};
  std::ofstream(companions[0]) << "of the second";
  first->remove(companions, log_.logger());
  EXPECT_EQ(connect_to(path_), 0);
  EXPECT_THAT(files(), ElementsAre("aesm.socket", "companion"));
  EXPECT_THAT(log_.lines_with("socket_not_removed"), ElementsAre(HasSubstr("another socket")));
}

TEST_F(ListeningSocketTest, RemovingWhatIsGoneIsSaidAndNoMore) {
  auto socket = create();
  ASSERT_TRUE(socket);
  fs::remove(path_);
  socket->remove({}, log_.logger());
  EXPECT_THAT(log_.lines_with("socket_not_removed"), SizeIs(1));
}

}  // namespace
}  // namespace quoted::service
