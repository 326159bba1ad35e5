#include "recording/replay.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include "aesm/codec.h"
#include "aesm/framing.h"
#include "aesm/testing/fake_service.h"
#include "base/text.h"
#include "test_support/temp_dir.h"
#include "test_support/vectors.h"

namespace quoted::recording {
namespace {

using aesm::GetQuoteExRequest;
using aesm::GetQuoteExResponse;
using aesm::GetQuoteSizeExRequest;
using aesm::GetQuoteSizeExResponse;
using base::Bytes;
using base::text;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A transcript put together by hand, replayed to a service that follows a script.
class ReplayTest : public testing::Test {
 protected:
  void add(Item::Kind kind, Side from, Bytes bytes = {}) {
    transcript_.push_back({.connection = connection_,
                           .time_us = 0,
                           .kind = kind,
                           .from = from,
                           .bytes = std::move(bytes),
                           .reason = "for a test"});
  }
  void open() {
    ++connection_;
    add(Item::Kind::kOpened, Side::kClient);
  }
  // What comes now is said on this connection, which is open.
  void on(std::uint32_t connection) { connection_ = connection; }
  void ask(const aesm::Request& request) {
    add(Item::Kind::kFrame, Side::kClient, aesm::encode_request(request));
  }
  void answer(const aesm::Response& response) {
    add(Item::Kind::kFrame, Side::kDaemon, aesm::encode_response(response));
  }

  // "1 GetQuoteEx: same", and so on, against a service that answers with `now` in turn and then
  // closes; one request a connection.
  std::vector<std::string> replay_to(const std::vector<aesm::Response>& now) {
    return replay_with([&](aesm::test::ServedConnection peer) {
      asked_.push_back(peer.read_request());
      if (asked_.size() <= now.size()) {
        peer.write(aesm::encode_response_frame(now[asked_.size() - 1]));
      }
    });
  }

  std::vector<std::string> replay_with(const aesm::test::FakeService::Script& script) {
    const aesm::test::FakeService service(socket_, script);
    std::vector<std::string> out;
    const auto status =
        replay(transcript_, {.socket = socket_, .timeout = std::chrono::seconds(60)},
               [&](const Outcome& outcome) -> base::Status {
                 std::string line = text(outcome.connection, ' ', outcome.request, ": ");
                 if (outcome.not_compared) line += "not compared, " + *outcome.not_compared;
                 for (const auto& found : outcome.differences) {
                   line += text(found.field, ' ', found.expected, " | ", found.observed, "; ");
                 }
                 out.push_back(line);
                 return {};
               });
    EXPECT_TRUE(status) << status.error().summary();
    return out;
  }

  [[nodiscard]] GetQuoteExRequest quote_in(std::uint32_t buf_size) const {
    return {.report = report_,
            .att_key_id = {},
            .qe_report_info = {},
            .buf_size = buf_size,
            .timeout = {}};
  }
  [[nodiscard]] std::uint32_t room_asked_for(std::size_t index) const {
    const auto request = aesm::decode_request(asked_.at(index)).value();
    return std::get<GetQuoteExRequest>(request).buf_size.value();
  }

  [[nodiscard]] Bytes quote_of(std::size_t size) const {
    Bytes out = quote_;
    out.resize(size);
    return out;
  }

  const Bytes quote_ = test::read_vector("real-quotes/sgx-v3-platform.bin");
  const Bytes report_ = Bytes(432);
  const std::uint32_t size_ = static_cast<std::uint32_t>(quote_.size()) + 10;

  test::TempDir directory_;
  const std::filesystem::path socket_ = directory_ / "s";
  std::uint32_t connection_ = 0;
  std::vector<Item> transcript_;
  std::vector<Bytes> asked_;
};

GetQuoteExResponse quote_is(const Bytes& quote) {
  return {.error_code = 0, .quote = quote, .qe_report_info = {}};
}
GetQuoteSizeExResponse size_is(std::uint32_t size) { return {.error_code = 0, .quote_size = size}; }

TEST_F(ReplayTest, QuoteIsGivenTheRoomThatTheDaemonSaysItNeedsNow) {
  const Bytes recorded = quote_of(size_);
  const Bytes observed = quote_of(size_ + 4);
  open();
  ask(GetQuoteSizeExRequest{});
  answer(size_is(size_));
  open();
  ask(quote_in(size_));
  answer(quote_is(recorded));
  EXPECT_THAT(replay_to({size_is(size_ + 4), quote_is(observed)}),
              ElementsAre("1 GetQuoteSizeEx: ", "2 GetQuoteEx: "));
  EXPECT_EQ(room_asked_for(1), size_ + 4);
}

TEST_F(ReplayTest, RoomOfTheClientsOwnChoiceIsKept) {
  const Bytes recorded = quote_of(8192);
  open();
  ask(GetQuoteSizeExRequest{});
  answer(size_is(size_));
  open();
  ask(quote_in(8192));
  answer(quote_is(recorded));
  EXPECT_THAT(replay_to({size_is(size_ + 4), quote_is(recorded)}),
              ElementsAre("1 GetQuoteSizeEx: ", "2 GetQuoteEx: "));
  EXPECT_EQ(room_asked_for(1), 8192U);
}

TEST_F(ReplayTest, AnswerInPlaceOfAClosedConnectionDiffers) {
  open();
  ask(GetQuoteSizeExRequest{});
  add(Item::Kind::kEnded, Side::kDaemon);
  EXPECT_THAT(replay_to({size_is(1)}),
              ElementsAre(HasSubstr("answer the connection is closed without an answer | an answer "
                                    "of ")));
}

TEST_F(ReplayTest, ClosedConnectionInPlaceOfAnAnswerDiffers) {
  open();
  ask(GetQuoteSizeExRequest{});
  answer(size_is(1));
  ask(GetQuoteSizeExRequest{});
  answer(size_is(1));
  EXPECT_THAT(replay_to({size_is(1)}),
              ElementsAre("1 GetQuoteSizeEx: ", HasSubstr("closed the connection")));
}

TEST_F(ReplayTest, WhatTheRecordingDoesNotKnowIsNotCompared) {
  open();
  ask(GetQuoteSizeExRequest{});
  add(Item::Kind::kEnded, Side::kClient);
  add(Item::Kind::kEnded, Side::kDaemon);
  open();
  ask(GetQuoteSizeExRequest{});
  add(Item::Kind::kDamaged, Side::kDaemon, Bytes(3));
  EXPECT_THAT(
      replay_to({}),
      ElementsAre("1 GetQuoteSizeEx: not compared, the recording has no answer",
                  "2 GetQuoteSizeEx: not compared, the recorded answer is damaged: for a test"));
  EXPECT_THAT(asked_, testing::Each(IsEmpty()));
}

TEST_F(ReplayTest, AnswerThatIsNoMessageDiffers) {
  open();
  ask(GetQuoteSizeExRequest{});
  add(Item::Kind::kFrame, Side::kDaemon, {std::byte{0xFF}});
  EXPECT_THAT(replay_to({size_is(1)}), ElementsAre(HasSubstr(" | GetQuoteSizeEx; ")));
}

// A limit of open files that a test could reach.
class FewDescriptors {
 public:
  FewDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = 64;
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(ReplayTest, ConnectionsWithoutRequestsNeedNoDescriptors) {
  for (int i = 0; i < 1200; ++i) {
    open();
    if (i % 2 == 0) add(Item::Kind::kEnded, Side::kDaemon);
  }
  open();
  ask(GetQuoteSizeExRequest{});
  answer(size_is(1));
  const FewDescriptors few;
  EXPECT_THAT(replay_to({size_is(1)}), ElementsAre("1201 GetQuoteSizeEx: "));
}

TEST_F(ReplayTest, ConnectionsThatAreDoneNeedNoDescriptors) {
  std::vector<aesm::Response> now;
  for (int i = 0; i < 100; ++i) {
    open();
    ask(GetQuoteSizeExRequest{});
    answer(size_is(1));
    now.emplace_back(size_is(1));
  }
  const FewDescriptors few;
  EXPECT_THAT(replay_to(now),
              testing::AllOf(testing::SizeIs(100), testing::Each(testing::EndsWith("SizeEx: "))));
}

// A daemon takes its time to give up the second client, and would have given up the first one by
// then if that had connected already.
TEST_F(ReplayTest, ConnectionDoesNotWaitForTheRequestsOfOthers) {
  open();
  open();
  add(Item::Kind::kDamaged, Side::kClient, Bytes(2));
  add(Item::Kind::kEnded, Side::kDaemon);
  on(1);
  ask(GetQuoteSizeExRequest{});
  answer(size_is(1));
  const auto lines = replay_with([](aesm::test::ServedConnection peer) {
    if (peer.index() == 0) return;
    peer.read_request();
    peer.write(aesm::encode_response_frame(size_is(1)));
  });
  EXPECT_THAT(lines, ElementsAre("2 no frame: for a test: ", "1 GetQuoteSizeEx: "));
}

TEST_F(ReplayTest, DaemonThatCannotBeReachedIsAnError) {
  open();
  ask(GetQuoteSizeExRequest{});
  answer(size_is(1));
  const auto status = replay(transcript_, {.socket = socket_, .timeout = std::chrono::seconds(1)},
                             [](const Outcome&) -> base::Status { return {}; });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), base::ErrorCode::kSocketMissing);
}

}  // namespace
}  // namespace quoted::recording
