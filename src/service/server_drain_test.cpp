// Stopping: nobody who has connected goes without an answer to the first request.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <future>
#include <thread>
#include <vector>

#include "service/testing/server_fixture.h"

namespace quoted::service {
namespace {

using base::Bytes;
using base::ByteView;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DrainTest : public ServerTest {
 protected:
  std::future<void> begin_stop() {
    return std::async(std::launch::async, [this] { server_->stop(); });
  }
};

TEST_F(DrainTest, StopsAtOnceWhenThereIsNothingToDo) {
  start();
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
  const auto begin = Clock::now();
  server_->stop();
  server_->stop();
  EXPECT_LT(Clock::now() - begin, 2s);
}

TEST_F(DrainTest, AnswersWhatWaitsInTheBacklog) {
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(connect());
    clients.back().send(get_quote());
  }
  start();
  server_->stop();
  for (RawClient& client : clients) {
    EXPECT_TRUE(is_success(client.receive()));
    EXPECT_TRUE(client.closed_by_peer());
  }
}

TEST_F(DrainTest, NobodyWhoConnectedIsLeftOutOnceConnectionsAreRefused) {
  start();
  std::atomic<int> connected = 0;
  std::atomic<int> answered = 0;
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      try {
        while (true) {
          RawClient client = connect();
          ++connected;
          client.send(get_quote());
          if (is_success(client.receive())) ++answered;
        }
      } catch (const std::runtime_error&) {
        return;  // refused
      }
    });
  }
  std::this_thread::sleep_for(50ms);
  listening_->refuse_connections();
  server_->stop();
  threads.clear();
  EXPECT_GT(connected, 4);
  EXPECT_EQ(answered, connected);
}

TEST_F(DrainTest, RefusingConnectionsDoesNotDisturbThoseThatAreThere) {
  start();
  RawClient client = connect();
  client.send(num_key_ids());
  EXPECT_TRUE(client.receive());
  listening_->refuse_connections();
  EXPECT_THROW((void)connect(), std::runtime_error);
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  std::this_thread::sleep_for(300ms);
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  // The socket is ready all the time now; a loop that still waits for it spins.
  const auto microseconds = [](const timeval& t) { return t.tv_sec * 1'000'000 + t.tv_usec; };
  EXPECT_LT(microseconds(after.ru_stime) + microseconds(after.ru_utime),
            microseconds(before.ru_stime) + microseconds(before.ru_utime) + 60'000);
  client.send(num_key_ids());
  EXPECT_TRUE(client.receive());
  EXPECT_THAT(log_.lines_with("accept_failed"), IsEmpty());
}

TEST_F(DrainTest, IdleConnectionsThatHadAnAnswerAreClosedAtOnce) {
  start();
  RawClient client = connect();
  client.send(num_key_ids());
  EXPECT_TRUE(client.receive());
  const auto begin = Clock::now();
  server_->stop();
  EXPECT_LT(Clock::now() - begin, 5s);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(DrainTest, WaitsForTheFirstRequestOfAConnection) {
  start();
  RawClient silent = connect();
  RawClient half = connect();
  const Bytes frame = aesm::encode_request_frame(num_key_ids());
  half.send(ByteView(frame).first(5));
  half.await_taken();
  auto stopped = begin_stop();
  EXPECT_EQ(stopped.wait_for(200ms), std::future_status::timeout);
  silent.send(get_quote());
  EXPECT_TRUE(is_success(silent.receive()));
  EXPECT_TRUE(silent.closed_by_peer());
  half.send(ByteView(frame).subspan(5));
  EXPECT_TRUE(half.receive());
  EXPECT_TRUE(half.closed_by_peer());
  stopped.get();
}

TEST_F(DrainTest, FinishesAQuoteInTheMaking) {
  std::promise<quoting::QuoteCompletion> asked;
  platform_.set_quoter(
      [&](const auto&, auto, quoting::QuoteCompletion done) { asked.set_value(std::move(done)); });
  start();
  RawClient client = connect();
  client.send(get_quote());
  const quoting::QuoteCompletion done = asked.get_future().get();
  auto stopped = begin_stop();
  EXPECT_EQ(stopped.wait_for(100ms), std::future_status::timeout);
  done(test::fake_quote({}));
  EXPECT_TRUE(is_success(client.receive()));
  stopped.get();
}

TEST_F(DrainTest, EndsAtTheDeadlineWhateverClientsDo) {
  options_.deadlines.drain = 300ms;
  platform_.set_quoter([](const auto&, auto, const auto&) {});
  start();
  RawClient silent = connect();
  RawClient stalled = connect();
  stalled.send(ByteView(aesm::encode_request_frame(num_key_ids())).first(5));
  RawClient never_reads = connect();
  RawClient waits_for_platform = connect();
  waits_for_platform.send(get_quote());
  waits_for_platform.await_taken();
  const auto begin = Clock::now();
  server_->stop();
  const auto took = Clock::now() - begin;
  EXPECT_GE(took, 300ms);
  EXPECT_LT(took, 5s);
  EXPECT_TRUE(silent.closed_by_peer());
  EXPECT_TRUE(stalled.closed_by_peer());
  EXPECT_THAT(logged("drain_incomplete"), HasSubstr("\"connections\":"));
}

TEST_F(DrainTest, TheSocketServesAgainWithTheNextServer) {
  start();
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
  server_->stop();
  RawClient waiting = connect();
  waiting.send(num_key_ids());
  start();
  EXPECT_TRUE(waiting.receive());
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
}

}  // namespace
}  // namespace quoted::service
