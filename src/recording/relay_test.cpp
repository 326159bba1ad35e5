#include "recording/relay.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>
#include <chrono>

#include "base/text.h"

namespace quoted::recording {
namespace {

using base::as_bytes;
using testing::ElementsAre;

// A relay between two ends that the test holds.
class RelayTest : public testing::Test {
 protected:
  RelayTest() : RelayTest(pair(), pair()) {}

  static std::array<base::UniqueFd, 2> pair() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    return {base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
  }

  void say(const base::UniqueFd& end, std::string_view words) {
    ASSERT_EQ(::send(end.get(), words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT),
              static_cast<ssize_t>(words.size()));
  }
  static std::string hear(const base::UniqueFd& end) {
    std::array<char, 256> out{};
    const ssize_t got = ::recv(end.get(), out.data(), out.size(), MSG_DONTWAIT);
    if (got == 0) return "(end)";
    return got < 0 ? "(nothing)" : std::string(out.data(), static_cast<std::size_t>(got));
  }

  // Until there is nothing more to do.
  void advance() {
    for (;;) {
      ASSERT_TRUE(relay_.advance(witness()));
      std::vector<pollfd> waits;
      relay_.add_waits(waits);
      if (waits.empty() || ::poll(waits.data(), waits.size(), 0) == 0) return;
    }
  }

  Relay::Witness witness() {
    return [this](Event::Kind kind, Side from, base::ByteView bytes) -> base::Status {
      const std::string_view words = kind == Event::Kind::kEnd ? "(end)" : base::as_text(bytes);
      if (bytes.size() < 100) seen_.push_back(base::text(name_of(from), ": ", words));
      passed_ += bytes.size();
      return {};
    };
  }

  std::vector<std::string> seen_;
  std::size_t passed_ = 0;
  base::UniqueFd client_;
  base::UniqueFd daemon_;
  Relay relay_;

 private:
  RelayTest(std::array<base::UniqueFd, 2> client, std::array<base::UniqueFd, 2> daemon)
      : client_(std::move(client[0])),
        daemon_(std::move(daemon[0])),
        relay_(std::move(client[1]), std::move(daemon[1])) {}
};

TEST_F(RelayTest, PassesOnBothWaysAndTells) {
  say(client_, "request");
  advance();
  EXPECT_EQ(hear(daemon_), "request");
  say(daemon_, "answer");
  advance();
  EXPECT_EQ(hear(client_), "answer");
  EXPECT_THAT(seen_, ElementsAre("client: request", "daemon: answer"));
  EXPECT_FALSE(relay_.done());
}

TEST_F(RelayTest, ClientThatEndsFirstStillGetsItsAnswer) {
  say(client_, "request");
  ASSERT_EQ(::shutdown(client_.get(), SHUT_WR), 0);
  advance();
  EXPECT_EQ(hear(daemon_), "request");
  EXPECT_EQ(hear(daemon_), "(end)");
  say(daemon_, "answer");
  daemon_.reset();
  advance();
  EXPECT_EQ(hear(client_), "answer");
  EXPECT_EQ(hear(client_), "(end)");
  EXPECT_TRUE(relay_.done());
  EXPECT_THAT(seen_,
              ElementsAre("client: request", "client: (end)", "daemon: answer", "daemon: (end)"));
}

TEST_F(RelayTest, EndsWhenTheDaemonHasGoneThoughTheClientStays) {
  daemon_.reset();
  advance();
  EXPECT_EQ(hear(client_), "(end)");
  EXPECT_TRUE(relay_.done());
}

TEST_F(RelayTest, DaemonThatOnlyStopsSpeakingIsStillSpokenTo) {
  ASSERT_EQ(::shutdown(daemon_.get(), SHUT_WR), 0);
  advance();
  EXPECT_EQ(hear(client_), "(end)");
  EXPECT_FALSE(relay_.done());
  say(client_, "more");
  advance();
  EXPECT_EQ(hear(daemon_), "more");
  EXPECT_FALSE(relay_.done());
  daemon_.reset();
  advance();
  EXPECT_TRUE(relay_.done());
}

TEST_F(RelayTest, PeerThatReadsNothingStopsTheSenderNotTheRelay) {
  const std::string much(std::size_t{32} * 1024, 'x');
  std::size_t taken = 0;
  // The relay and two sockets hold a bounded amount, after which the sender has to wait.
  for (int round = 0; round < 1000; ++round) {
    const ssize_t sent = ::send(client_.get(), much.data(), much.size(), MSG_DONTWAIT);
    advance();
    if (sent < 0) break;
    taken += static_cast<std::size_t>(sent);
  }
  EXPECT_LT(taken, std::size_t{8} * 1024 * 1024);
  say(daemon_, "answer");
  advance();
  EXPECT_EQ(hear(client_), "answer");
  // Nothing is lost on the way.
  client_.reset();
  std::size_t arrived = 0;
  for (std::array<char, 65536> chunk{};;) {
    const ssize_t got = ::recv(daemon_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got == 0) break;
    if (got > 0) arrived += static_cast<std::size_t>(got);
    advance();
  }
  EXPECT_EQ(arrived, taken);
}

TEST_F(RelayTest, NothingIsPassedOnThatCouldNotBeWritten) {
  say(client_, "request");
  const auto status = relay_.advance([](Event::Kind, Side, base::ByteView) -> base::Status {
    return base::fail(base::ErrorCode::kFileUnwritable, "full");
  });
  EXPECT_FALSE(status);
  EXPECT_EQ(hear(daemon_), "(nothing)");
}

}  // namespace
}  // namespace quoted::recording
