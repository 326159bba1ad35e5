// The server over a real socket: what well-behaved clients see.
#include "service/server.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <thread>
#include <vector>

#include "service/testing/server_fixture.h"

namespace quoted::service {
namespace {

using base::Bytes;
using base::ByteView;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_F(ServerTest, AnswersInOnePiece) {
  start();
  RawClient client = connect();
  client.send(num_key_ids());
  EXPECT_EQ(base::to_hex(client.receive_once()), std::string("07000000") + kNumKeyIdsAnswer);
}

TEST_F(ServerTest, AQuoteArrivesInOnePieceToo) {
  start();
  RawClient client = connect();
  client.send(get_quote(8192));
  EXPECT_THAT(client.receive_once(), SizeIs(4 + 3 + 2 + 2 + 3 + 8192 - 1));
}

TEST_F(ServerTest, ServesSeveralRequestsOnOneConnection) {
  start();
  RawClient client = connect();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client.send(num_key_ids()));
    EXPECT_EQ(base::to_hex(client.receive().value_or(Bytes())), kNumKeyIdsAnswer);
    ASSERT_TRUE(client.send(get_quote()));
    EXPECT_TRUE(is_success(client.receive()));
  }
  EXPECT_EQ(peers_.asked(), 1);
}

TEST_F(ServerTest, AnswersFramesThatArriveTogetherInOrder) {
  start();
  Bytes stream;
  for (int i = 0; i < 40; ++i) {
    base::append(stream, aesm::encode_request_frame(num_key_ids()));
    base::append(stream, aesm::encode_request_frame(get_quote(5000)));
  }
  RawClient client = connect();
  client.send(stream);
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(base::to_hex(client.receive().value_or(Bytes())), kNumKeyIdsAnswer);
    EXPECT_GT(client.receive().value_or(Bytes()).size(), 5000U);
  }
}

TEST_F(ServerTest, AnySplitOfAFrameGivesTheSameAnswer) {
  start();
  const Bytes frame = aesm::encode_request_frame(get_quote());
  RawClient whole = connect();
  whole.send(frame);
  const auto expected = whole.receive();
  ASSERT_TRUE(is_success(expected));
  RawClient client = connect();
  for (std::size_t split = 1; split < frame.size(); ++split) {
    client.send(ByteView(frame).first(split));
    client.await_taken();
    client.send(ByteView(frame).subspan(split));
    ASSERT_EQ(client.receive(), expected) << "split at " << split;
  }
}

TEST_F(ServerTest, AFrameMayComeByteByByte) {
  start();
  const Bytes frame = aesm::encode_request_frame(get_quote());
  RawClient client = connect();
  for (std::size_t i = 0; i < frame.size(); ++i) {
    client.send(ByteView(frame).subspan(i, 1));
    client.await_taken();
  }
  EXPECT_TRUE(is_success(client.receive()));
}

TEST_F(ServerTest, ServesAFrameLargerThanItsInlineBuffer) {
  start();
  Bytes list(8 + 10 * 256, std::byte{0xFF});
  std::fill(list.begin(), list.begin() + 8, std::byte{0});
  list[4] = std::byte{10};
  aesm::SelectAttKeyIdRequest request;
  request.att_key_id_list = list;
  RawClient client = connect();
  for (int i = 0; i < 3; ++i) {
    client.send(request);
    EXPECT_EQ(base::to_hex(client.receive().value_or(Bytes())), "9a01020826");
  }
}

TEST_F(ServerTest, AnswersAfterTheClientEndedItsHalf) {
  start();
  RawClient client = connect();
  client.send(num_key_ids());
  client.send(num_key_ids());
  client.end_of_requests();
  EXPECT_EQ(base::to_hex(client.receive().value_or(Bytes())), kNumKeyIdsAnswer);
  EXPECT_EQ(base::to_hex(client.receive().value_or(Bytes())), kNumKeyIdsAnswer);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(ServerTest, PadsAQuoteToTheWholeBuffer) {
  start();
  RawClient client = connect();
  client.send(get_quote(1024 * 1024));
  const auto body = client.receive();
  ASSERT_TRUE(is_success(body));
  const auto response = std::get<aesm::GetQuoteExResponse>(*aesm::decode_response(*body));
  ASSERT_EQ(response.quote->size(), 1024U * 1024U);
  EXPECT_TRUE(base::all_zero(response.quote->subspan(test::kFakeQuoteSize)));
}

TEST_F(ServerTest, AFailedRequestIsOneLineThatSaysWhoAndWhy) {
  start();
  platform_.set_quoter([](const auto&, auto, const quoting::QuoteCompletion& done) {
    done(base::fail(base::ErrorCode::kQeInvalidReport, "the MAC differs"));
  });
  RawClient client = connect();
  client.send(get_quote());
  EXPECT_EQ(base::to_hex(client.receive().value_or(Bytes())), "8a0102082f");
  ASSERT_THAT(log_.lines_with("request_failed"), SizeIs(1));
  EXPECT_THAT(log_.lines_with("request_failed").front(),
              AllOf(HasSubstr("\"level\":\"warning\""), HasSubstr("\"request\":\"GetQuoteEx\""),
                    HasSubstr("\"aesm_code\":47"), HasSubstr("AESM_INVALID_REPORT"),
                    HasSubstr("\"reason\":\"the MAC differs\""), HasSubstr("\"error\":\"QD6007\""),
                    HasSubstr("\"uid\":1001"), HasSubstr("\"pid\":1003")));
}

TEST_F(ServerTest, SuccessIsLoggedForDebuggingOnly) {
  start();
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
  const std::string line = logged("request_answered");
  EXPECT_THAT(line, AllOf(HasSubstr("\"level\":\"debug\""), HasSubstr("\"uid\":1001")));
}

TEST_F(ServerTest, TheKernelNamesThePeer) {
  const KernelPeerResolver kernel;
  auto server = Server::start(listening_->fd(), options_, platform_, kernel, log_.logger());
  ASSERT_TRUE(server);
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
  EXPECT_THAT(logged("request_answered"),
              AllOf(HasSubstr("\"pid\":" + std::to_string(::getpid())),
                    HasSubstr("\"uid\":" + std::to_string(::getuid()))));
}

TEST_F(ServerTest, AConnectionWithoutAKnownPeerIsClosed) {
  const test::FakePeers nobody(base::fail(base::ErrorCode::kSocketFailure, "the kernel is silent"));
  auto server = Server::start(listening_->fd(), options_, platform_, nobody, log_.logger());
  ASSERT_TRUE(server);
  RawClient client = connect();
  client.send(num_key_ids());
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_THAT(logged("peer_unknown"), HasSubstr("the kernel is silent"));
}

// Quotes that are not complete when quote() returns.

class DelayedServerTest : public ServerTest {
 protected:
  // Completes each quote from a thread of its own after `delay`.
  void delay_quotes(std::chrono::milliseconds delay) {
    platform_.set_quoter(
        [this, delay](const quoting::QuoteRequest& request, auto, quoting::QuoteCompletion done) {
          const std::scoped_lock lock(mutex_);
          threads_.emplace_back([delay, request, done = std::move(done)] {
            std::this_thread::sleep_for(delay);
            done(test::fake_quote(request));
          });
        });
  }

  void join_platform() {
    const std::scoped_lock lock(mutex_);
    threads_.clear();
  }

  std::mutex mutex_;
  std::vector<std::jthread> threads_;
};

TEST_F(DelayedServerTest, AnswersWhenTheQuoteIsComplete) {
  delay_quotes(20ms);
  start();
  RawClient client = connect();
  for (int i = 0; i < 3; ++i) {
    client.send(get_quote());
    EXPECT_TRUE(is_success(client.receive()));
  }
}

TEST_F(DelayedServerTest, SlowQuotesDelayNobody) {
  delay_quotes(2s);
  options_.threads = 1;
  start();
  const auto begin = Clock::now();
  std::vector<RawClient> clients;
  for (int i = 0; i < 16; ++i) {
    clients.push_back(connect());
    clients.back().send(get_quote());
  }
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
  EXPECT_LT(Clock::now() - begin, 2s);
  for (RawClient& client : clients) EXPECT_TRUE(is_success(client.receive()));
  EXPECT_LT(Clock::now() - begin, 16s);  // one after the other they take 32 s
}

TEST_F(DelayedServerTest, AClientThatLeftIsNotMissed) {
  delay_quotes(30ms);
  start();
  for (int i = 0; i < 10; ++i) {
    RawClient client = connect();
    client.send(get_quote());
    client.await_taken();
  }
  join_platform();
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
}

TEST_F(DelayedServerTest, AQuoteCompletedAfterTheServersEndIsDropped) {
  std::promise<quoting::QuoteCompletion> asked;
  platform_.set_quoter(
      [&](const auto&, auto, quoting::QuoteCompletion done) { asked.set_value(std::move(done)); });
  options_.deadlines.drain = 50ms;
  start();
  RawClient client = connect();
  client.send(get_quote());
  const quoting::QuoteCompletion done = asked.get_future().get();
  server_.reset();
  done(test::fake_quote({}));
}

TEST_F(DelayedServerTest, APlatformThatNeverCompletesIsGivenUpOn) {
  platform_.set_quoter([](const auto&, auto, const auto&) {});
  options_.deadlines.quote = 50ms;
  start();
  RawClient client = connect();
  client.send(get_quote());
  EXPECT_EQ(base::to_hex(client.receive().value_or(Bytes())), "8a01020801");
  EXPECT_THAT(logged("request_failed"), HasSubstr("did not complete the quote within 50 ms"));
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
}

TEST_F(DelayedServerTest, ThePlatformIsToldTheDeadline) {
  std::promise<quoting::Deadline> told;
  platform_.set_quoter([&](const quoting::QuoteRequest& request, quoting::Deadline deadline,
                           const quoting::QuoteCompletion& done) {
    told.set_value(deadline);
    done(test::fake_quote(request));
  });
  options_.deadlines.quote = 30s;
  start();
  const auto before = Clock::now();
  RawClient client = connect();
  client.send(get_quote());
  EXPECT_TRUE(is_success(client.receive()));
  const auto deadline = told.get_future().get();
  EXPECT_GE(deadline, before + 30s);
  EXPECT_LE(deadline, Clock::now() + 30s);
}

TEST_F(DelayedServerTest, AnExceptionEndsOneConnectionOnly) {
  platform_.set_quoter(
      [](const auto&, auto, const auto&) { throw std::runtime_error("a defect of the platform"); });
  start();
  RawClient client = connect();
  client.send(get_quote());
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_THAT(logged("session_failed"), HasSubstr("a defect of the platform"));
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
}

TEST_F(ServerTest, ServesManyClientsAtOnce) {
  start();
  std::vector<std::jthread> threads;
  threads.reserve(8);
  std::atomic<int> answered = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        RawClient client = connect();
        client.send(get_quote());
        if (is_success(client.receive())) ++answered;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(answered, 400);
}

}  // namespace
}  // namespace quoted::service
