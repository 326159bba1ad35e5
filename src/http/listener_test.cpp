#include "http/listener.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/file.h"
#include "http/testing/raw_client.h"
#include "test_support/temp_dir.h"

namespace quoted::http {
namespace {

using base::ErrorCode;

class UnixListener : public ::testing::Test {
 protected:
  [[nodiscard]] base::Result<Listener> open() const { return Listener::open(UnixEndpoint{path}); }

  test::TempDir directory;
  std::string path = directory / "s";
};

TEST_F(UnixListener, IsPrivateUnlessAnotherModeIsGiven) {
  const auto listener = open();
  ASSERT_TRUE(listener) << listener.error().summary();
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  // Nothing else was left behind.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1);
}

TEST_F(UnixListener, ReplacesASocketThatNobodyListensOn) {
  {
    base::UniqueFd dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  const auto listener = open();
  ASSERT_TRUE(listener) << listener.error().summary();
  const testing::RawClient client(listener->endpoint());
}

TEST_F(UnixListener, LeavesALiveSocketAlone) {
  const auto first = open();
  ASSERT_TRUE(first);
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kSocketInUse);
  const testing::RawClient client(first->endpoint());
}

TEST_F(UnixListener, LeavesAnythingElseAlone) {
  ASSERT_TRUE(base::write_file(path, base::as_bytes("mine"), 0600));
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kNotASocket);
  EXPECT_EQ(base::as_text(base::read_file(path, 10).value()), "mine");
}

TEST_F(UnixListener, RemovesOnlyItsOwnFile) {
  {
    const auto listener = open();
    ASSERT_TRUE(listener);
    std::filesystem::remove(path);
    ASSERT_TRUE(base::write_file(path, base::as_bytes("another"), 0600));
  }
  EXPECT_TRUE(std::filesystem::exists(path));
  std::filesystem::remove(path);
  {
    const auto listener = open();
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(UnixListener, SaysWhatIsWrongWithThePath) {
  const auto missing = Listener::open(UnixEndpoint{.path = directory / "no/s"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kSocketDirectoryMissing);
  const auto too_long = Listener::open(UnixEndpoint{.path = std::string(200, 'a')});
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code(), ErrorCode::kSocketPathTooLong);
}

TEST(TcpListener, ReportsThePortAndRefusesATakenOne) {
  const auto first = Listener::open(TcpEndpoint{});
  ASSERT_TRUE(first);
  const auto bound = std::get<TcpEndpoint>(first->endpoint());
  EXPECT_NE(bound.port, 0);
  const auto second = Listener::open(bound);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kAddressUnusable);
  const auto name = Listener::open(TcpEndpoint{.address = "localhost"});
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().code(), ErrorCode::kAddressUnusable);
}

TEST(TcpListener, Version6) {
  const auto listener = Listener::open(TcpEndpoint{.address = "::1"});
  // A machine without IPv6 says so; one with it reports the port.
  if (!listener) {
    EXPECT_EQ(listener.error().code(), ErrorCode::kAddressUnusable);
  } else {
    EXPECT_NE(std::get<TcpEndpoint>(listener->endpoint()).port, 0);
  }
}

TEST(TcpListener, OfIpv6TakesNoIpv4) {
  const auto listener = Listener::open(TcpEndpoint{.address = "::", .port = 0});
  if (!listener) {
    EXPECT_EQ(listener.error().code(), ErrorCode::kAddressUnusable);
    return;
  }
  int only = 0;
  socklen_t size = sizeof only;
  ASSERT_EQ(::getsockopt(listener->fd(), IPPROTO_IPV6, IPV6_V6ONLY, &only, &size), 0);
  EXPECT_EQ(only, 1);
  EXPECT_THROW(testing::RawClient{listener->endpoint()}, std::runtime_error);
}

}  // namespace
}  // namespace quoted::http
