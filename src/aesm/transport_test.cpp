#include "aesm/transport.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>

#include "aesm/framing.h"
#include "aesm/testing/fake_service.h"
#include "aesm/testing/ordinary_user.h"
#include "base/text.h"
#include "test_support/require.h"
#include "test_support/temp_dir.h"

namespace quoted::aesm {
namespace {

using namespace std::chrono_literals;
using base::as_bytes;
using base::Bytes;
using base::ByteView;
using base::ErrorCode;
using base::Result;
using test::FakeService;
using test::ServedConnection;
using testing::HasSubstr;

constexpr auto kAmple = 10s;
constexpr auto kShort = 150ms;

Bytes framed(ByteView body) {
  Bytes out(kFramePrefixSize + body.size());
  std::ranges::copy(encode_frame_prefix(static_cast<std::uint32_t>(body.size())), out.begin());
  std::ranges::copy(body, out.begin() + kFramePrefixSize);
  return out;
}

Bytes framed(std::string_view body) { return framed(as_bytes(body)); }

Result<Bytes> exchange(const std::filesystem::path& socket, ByteView frame,
                       std::chrono::milliseconds timeout) {
  return aesm::exchange(socket, frame, Deadline(timeout), kMaxResponseSize);
}

// Bytes that differ from their neighbours, so that a piece in the wrong place shows.
Bytes pattern(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::byte>(i % 251);
  return out;
}

class Transport : public testing::Test {
 protected:
  [[nodiscard]] Result<Bytes> ask(std::chrono::milliseconds timeout = kAmple) const {
    return exchange(socket_, framed("request"), timeout);
  }

  // That `result` is an error of this code which names the socket.
  void expect_error(const Result<Bytes>& result, ErrorCode code) const {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), code) << result.error().summary();
    EXPECT_THAT(result.error().summary(), HasSubstr(socket_.native()));
  }

  // That waiting ends close to the timeout, on either side.
  void expect_timeout(const Bytes& request) const {
    const auto start = std::chrono::steady_clock::now();
    expect_error(exchange(socket_, request, kShort), ErrorCode::kPeerTimeout);
    const auto elapsed = std::chrono::steady_clock::now() - start;
    EXPECT_GE(elapsed, kShort);
    EXPECT_LT(elapsed, kShort + 5s);
  }

  quoted::test::TempDir directory_;
  std::filesystem::path socket_ = directory_ / "aesm.socket";
};

TEST_F(Transport, CarriesRequestAndAnswer) {
  Bytes request;
  {
    const FakeService service(socket_, [&](ServedConnection connection) {
      request = connection.read_request();
      connection.write(framed("answer"));
    });
    const auto answer = ask();
    ASSERT_TRUE(answer) << answer.error().summary();
    EXPECT_EQ(base::as_text(*answer), "answer");
  }
  EXPECT_EQ(base::as_text(request), "request");
}

TEST_F(Transport, AnswerMayComeInTwoPiecesCutAnywhere) {
  const Bytes answer = framed(pattern(300));
  const FakeService service(socket_, [&](ServedConnection connection) {
    connection.read_request();
    const auto cut = static_cast<std::size_t>(connection.index()) + 1;
    connection.write(ByteView(answer).first(cut));
    connection.wait_until_taken();
    connection.write(ByteView(answer).subspan(cut));
  });
  for (std::size_t cut = 1; cut < answer.size(); ++cut) {
    ASSERT_EQ(ask(), pattern(300)) << "cut after " << cut;
  }
  EXPECT_EQ(service.connections(), 303);
}

TEST_F(Transport, AnswerMayComeByteByByte) {
  const FakeService service(socket_, [&](ServedConnection connection) {
    connection.read_request();
    for (const std::byte byte : framed(pattern(300))) {
      connection.write(ByteView(&byte, 1));
      connection.wait_until_taken();
    }
  });
  EXPECT_EQ(ask(), pattern(300));
}

TEST_F(Transport, LargestAnswerAndLargeRequestPass) {
  Bytes request;
  {
    const FakeService service(socket_, [&](ServedConnection connection) {
      request = connection.read_request();
      connection.write(framed(pattern(kMaxResponseSize)));
    });
    EXPECT_EQ(exchange(socket_, framed(pattern(4'000'000)), kAmple), pattern(kMaxResponseSize));
  }
  EXPECT_EQ(request, pattern(4'000'000));
}

TEST_F(Transport, EmptyAnswerIsEmpty) {
  const FakeService service(socket_, [&](ServedConnection connection) {
    connection.read_request();
    connection.write(framed(""));
  });
  EXPECT_EQ(ask(), Bytes{});
}

TEST_F(Transport, AnnouncedLengthIsCheckedBeforeAnythingIsAllocated) {
  const FakeService service(socket_, [&](ServedConnection connection) {
    connection.read_request();
    const std::uint32_t size =
        connection.index() == 0 ? 0xFFFFFFFF : static_cast<std::uint32_t>(kMaxResponseSize + 1);
    connection.write(encode_frame_prefix(size));
    connection.wait_until_client_closes();
  });
  expect_error(ask(), ErrorCode::kFrameTooLarge);
  expect_error(ask(), ErrorCode::kFrameTooLarge);
}

TEST_F(Transport, EarlyCloseIsToldAtEveryByte) {
  const Bytes answer = framed("answer");
  const FakeService service(socket_, [&](ServedConnection connection) {
    connection.read_request();
    connection.write(ByteView(answer).first(static_cast<std::size_t>(connection.index())));
  });
  for (std::size_t sent = 0; sent < answer.size(); ++sent) {
    const auto result = ask();
    expect_error(result, ErrorCode::kPeerClosed);
    const std::string expected =
        sent < kFramePrefixSize
            ? base::text("after ", sent, " of the 4 bytes of the answer's length")
            : base::text("after ", sent - 4, " of the 6 bytes of the answer's body");
    EXPECT_THAT(result.error().message(), HasSubstr(expected));
  }
}

TEST_F(Transport, CloseWhileTheRequestIsStillBeingSentRaisesNoSignal) {
  const FakeService service(socket_, [](const ServedConnection&) {});
  for (int i = 0; i < 20; ++i) {
    expect_error(exchange(socket_, framed(pattern(4'000'000)), kAmple), ErrorCode::kPeerClosed);
  }
}

TEST_F(Transport, SilenceEndsAtTheDeadline) {
  const FakeService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    connection.wait_until_client_closes();
  });
  expect_timeout(framed("request"));
}

TEST_F(Transport, DeadlineIsOneForAllPieces) {
  const FakeService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    for (const std::byte byte : framed(pattern(300))) {
      if (!connection.write(ByteView(&byte, 1))) return;
      std::this_thread::sleep_for(20ms);
    }
  });
  expect_timeout(framed("request"));
}

TEST_F(Transport, DeadlineHoldsWhileTheServiceDoesNotRead) {
  const base::UniqueFd listener = test::listen_on(socket_, 8);
  expect_timeout(framed(pattern(4'000'000)));
}

// Leaves no place in the backlog.
std::vector<base::UniqueFd> fill_backlog(const std::filesystem::path& socket) {
  std::vector<base::UniqueFd> out;
  for (auto fd = test::connect_at_once(socket); fd.valid(); fd = test::connect_at_once(socket)) {
    out.push_back(std::move(fd));
  }
  return out;
}

TEST_F(Transport, FullBacklogIsWaitedForUntilTheDeadline) {
  const base::UniqueFd listener = test::listen_on(socket_, 0);
  const auto waiting = fill_backlog(socket_);
  ASSERT_FALSE(waiting.empty());
  expect_timeout(framed("request"));
}

TEST_F(Transport, FullBacklogIsNoErrorWhenItClearsInTime) {
  const base::UniqueFd listener = test::listen_on(socket_, 0);
  const auto waiting = fill_backlog(socket_);
  std::thread service([&] {
    std::this_thread::sleep_for(50ms);
    for (std::size_t i = 0; i <= waiting.size(); ++i) {
      const base::UniqueFd fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (i < waiting.size()) continue;
      ServedConnection connection(fd.get(), 0);
      connection.read_request();
      connection.write(framed("answer"));
    }
  });
  const auto answer = ask();
  service.join();
  ASSERT_TRUE(answer) << answer.error().summary();
  EXPECT_EQ(base::as_text(*answer), "answer");
}

TEST_F(Transport, SignalsDoNotDisturb) {
  struct sigaction action{};
  action.sa_handler = [](int) {};  // Without SA_RESTART, so that calls end with EINTR.
  struct sigaction before{};
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
  const pthread_t client = ::pthread_self();
  {
    const FakeService service(socket_, [client](ServedConnection connection) {
      connection.read_request();
      for (int i = 0; i < 20; ++i) {
        ::pthread_kill(client, SIGUSR1);
        std::this_thread::sleep_for(2ms);
      }
      connection.write(framed("answer"));
    });
    const auto answer = ask();
    ASSERT_TRUE(answer) << answer.error().summary();
    EXPECT_EQ(base::as_text(*answer), "answer");
  }
  ::sigaction(SIGUSR1, &before, nullptr);
}

// How many descriptors are open, and how many of them a child would inherit.
struct Descriptors {
  int open = 0;
  int inheritable = 0;

  static Descriptors count() {
    Descriptors out;
    for (int fd = 0; fd < 1024; ++fd) {
      const int flags = ::fcntl(fd, F_GETFD);
      if (flags < 0) continue;
      ++out.open;
      if ((flags & FD_CLOEXEC) == 0) ++out.inheritable;
    }
    return out;
  }
};

TEST_F(Transport, NothingIsLeftOpenOrInherited) {
  const Descriptors before = Descriptors::count();
  Descriptors during;
  {
    const FakeService service(socket_, [&](ServedConnection connection) {
      connection.read_request();
      during = Descriptors::count();
      if (connection.index() % 2 == 0) connection.write(framed("answer"));
    });
    for (int i = 0; i < 10; ++i) EXPECT_EQ(ask().has_value(), i % 2 == 0);
  }
  EXPECT_GE(during.open, before.open + 3) << "listener and both ends of the connection";
  EXPECT_EQ(during.inheritable, before.inheritable);
  EXPECT_EQ(Descriptors::count().open, before.open);
}

// Closes 0 to 2 while it lives.
class NoStandardDescriptors {
 public:
  NoStandardDescriptors() {
    for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
      before_[static_cast<std::size_t>(fd)].reset(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
      ::close(fd);
    }
  }
  NoStandardDescriptors(const NoStandardDescriptors&) = delete;
  NoStandardDescriptors& operator=(const NoStandardDescriptors&) = delete;
  ~NoStandardDescriptors() {
    for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
      const base::UniqueFd& before = before_[static_cast<std::size_t>(fd)];
      if (before.valid()) ::dup2(before.get(), fd);
    }
  }

 private:
  std::array<base::UniqueFd, STDERR_FILENO + 1> before_;
};

// What the application, or QUOTED_DEBUG, writes to standard error must not go to the service.
TEST_F(Transport, NumbersOfClosedStandardDescriptorsStayFree) {
  const base::UniqueFd listener = test::listen_on(socket_, 8);
  Result<base::UniqueFd> connection;
  int in_use = 0;
  {
    const NoStandardDescriptors none;
    connection = aesm::connect(socket_, Deadline(kAmple));
    for (int fd = 0; fd <= STDERR_FILENO; ++fd) in_use += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  }
  ASSERT_TRUE(connection) << connection.error().summary();
  EXPECT_GT(connection->get(), STDERR_FILENO);
  EXPECT_EQ(in_use, 0);
  EXPECT_NE(::fcntl(connection->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(Transport, MissingSocket) { expect_error(ask(), ErrorCode::kSocketMissing); }

TEST_F(Transport, MissingDirectory) {
  socket_ = directory_ / "nowhere/aesm.socket";
  expect_error(ask(), ErrorCode::kSocketMissing);
}

TEST_F(Transport, StaleSocketFile) {
  {
    const base::UniqueFd gone = test::listen_on(socket_, 1);
  }
  ASSERT_TRUE(std::filesystem::is_socket(socket_));
  expect_error(ask(), ErrorCode::kConnectionRefused);
}

TEST_F(Transport, FileInPlaceOfTheSocket) {
  std::ofstream(socket_) << "not a socket";
  expect_error(ask(), ErrorCode::kNotASocket);
}

TEST_F(Transport, DirectoryInPlaceOfTheSocket) {
  std::filesystem::create_directory(socket_);
  expect_error(ask(), ErrorCode::kNotASocket);
}

TEST_F(Transport, LongestPathWorksAndALongerOneIsRefused) {
  const std::size_t room = 107 - directory_.path().native().size() - 1;
  socket_ = directory_ / std::string(room, 'x');
  {
    const FakeService service(socket_, [](ServedConnection connection) {
      connection.read_request();
      connection.write(framed("answer"));
    });
    const auto answer = ask();
    EXPECT_TRUE(answer) << answer.error().summary();
  }
  socket_ = directory_ / std::string(room + 1, 'x');
  expect_error(ask(), ErrorCode::kSocketPathTooLong);
}

TEST_F(Transport, NoTimeIsATimeout) {
  const base::UniqueFd listener = test::listen_on(socket_, 8);
  expect_error(ask(0ms), ErrorCode::kPeerTimeout);
  expect_error(ask(std::chrono::milliseconds::min()), ErrorCode::kPeerTimeout);
}

TEST_F(Transport, NobodyIsNobodyAlsoWhenNoTimeIsLeft) {
  expect_error(ask(0ms), ErrorCode::kSocketMissing);
  {
    const base::UniqueFd gone = test::listen_on(socket_, 1);
  }
  expect_error(ask(0ms), ErrorCode::kConnectionRefused);
}

TEST_F(Transport, EndlessTimeIsCapped) {
  const FakeService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    connection.write(framed("answer"));
  });
  EXPECT_TRUE(ask(std::chrono::milliseconds::max()));
}

TEST_F(Transport, ForbiddenDirectory) {
  const base::UniqueFd listener = test::listen_on(socket_, 8);
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::none);
  const test::OrdinaryUser user;
  QUOTED_REQUIRE("an ordinary user", user.effective());
  expect_error(ask(), ErrorCode::kSocketPermission);
}

struct Mapping {
  int error;
  ErrorCode code;
};

TEST(ConnectErrors, EveryErrnoHasItsMeaning) {
  for (const auto& [error, code] :
       {Mapping{ENOENT, ErrorCode::kSocketMissing}, Mapping{ENOTDIR, ErrorCode::kSocketMissing},
        Mapping{EACCES, ErrorCode::kSocketPermission}, Mapping{EPERM, ErrorCode::kSocketPermission},
        Mapping{ECONNREFUSED, ErrorCode::kConnectionRefused},
        Mapping{EPROTOTYPE, ErrorCode::kConnectFailed}}) {
    EXPECT_EQ(connect_error("/nowhere/aesm.socket", error).code(), code) << error;
  }
}

TEST(ConnectErrors, MessageNamesPathAndSystemError) {
  EXPECT_EQ(connect_error("/run/x/aesm.socket", EACCES).message(),
            "no permission to connect to /run/x/aesm.socket: Permission denied");
}

}  // namespace
}  // namespace quoted::aesm
