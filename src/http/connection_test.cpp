// That a peer which never makes a connection wait neither outlasts a deadline nor stops the others.
#include "http/connection.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

namespace quoted::http {
namespace {

using Outcome = Connection::Outcome;

constexpr std::size_t kSize = std::size_t{128} * 1024;

class BusyConnection : public ::testing::Test {
 protected:
  BusyConnection() : connection(io, make_pair()) {}

  base::UniqueFd make_pair() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    peer.reset(ends[1]);
    return base::UniqueFd(ends[0]);
  }

  void fill_from_peer(std::size_t size) const {
    const std::string bytes(size, 'x');
    ASSERT_EQ(::send(peer.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(size));
  }

  asio::io_context io;
  base::UniqueFd peer;
  Connection connection;
};

Awaitable<void> receive_all(Connection& connection, std::size_t size, bool& done) {
  std::array<char, 4096> into{};
  while (size > 0) {
    const auto received = co_await connection.receive(into);
    if (received.outcome != Outcome::kDone) co_return;
    size -= received.size;
  }
  done = true;
}

TEST_F(BusyConnection, LetsOthersHaveTheirTurnWhileBytesKeepComing) {
  fill_from_peer(kSize);
  bool done = false;
  bool done_before_other = true;
  asio::co_spawn(io, receive_all(connection, kSize, done), asio::detached);
  asio::post(io, [&] { done_before_other = done; });
  io.run();
  EXPECT_TRUE(done);
  EXPECT_FALSE(done_before_other);
}

TEST_F(BusyConnection, BytesThatAreThereDoNotOutlastTheDeadline) {
  fill_from_peer(1);
  connection.set_deadline(std::chrono::steady_clock::now());
  auto outcome = Outcome::kDone;
  const auto receive = [&]() -> Awaitable<void> {
    std::array<char, 1> into{};
    outcome = (co_await connection.receive(into)).outcome;
  };
  asio::co_spawn(io, receive(), asio::detached);
  io.run();
  EXPECT_EQ(outcome, Outcome::kExpired);
}

TEST_F(BusyConnection, RoomThatIsThereDoesNotOutlastTheDeadline) {
  connection.set_deadline(std::chrono::steady_clock::now());
  auto outcome = Outcome::kDone;
  const auto send = [&]() -> Awaitable<void> { outcome = co_await connection.send("a", "b"); };
  asio::co_spawn(io, send(), asio::detached);
  io.run();
  EXPECT_EQ(outcome, Outcome::kExpired);
}

}  // namespace
}  // namespace quoted::http
