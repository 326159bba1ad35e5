#include "aesm/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "aesm/framing.h"
#include "aesm/testing/fake_service.h"
#include "test_support/temp_dir.h"

namespace quoted::aesm {
namespace {

using namespace std::chrono_literals;
using base::Bytes;
using base::ErrorCode;
using base::Result;
using std::chrono::microseconds;
using test::FakeService;
using test::ServedConnection;
using testing::Each;
using testing::HasSubstr;

constexpr auto kLost = ErrorCode::kPeerClosed;
constexpr Retries::Time kStart{};

Bytes framed(std::string_view body) {
  Bytes out(kFramePrefixSize);
  std::ranges::copy(encode_frame_prefix(static_cast<std::uint32_t>(body.size())), out.begin());
  base::append(out, base::as_bytes(body));
  return out;
}

TEST(Retries, PausesDoubleUpToTheirBound) {
  Retries retries(kPatient);
  std::vector<microseconds> pauses;
  for (int i = 0; i < 9; ++i) pauses.push_back(retries.pause_after(kLost, kStart).value());
  EXPECT_THAT(pauses, testing::ElementsAre(2ms, 4ms, 8ms, 16ms, 32ms, 64ms, 100ms, 100ms, 100ms));
}

TEST(Retries, AbsenceEndsAfterItsTime) {
  for (const ErrorCode absent : {ErrorCode::kSocketMissing, ErrorCode::kConnectionRefused}) {
    Retries retries({.longest_absence = 2s, .lost_answers = 0});
    EXPECT_TRUE(retries.pause_after(absent, kStart));
    EXPECT_TRUE(retries.pause_after(absent, kStart + 1999ms));
    EXPECT_FALSE(retries.pause_after(absent, kStart + 2s));
  }
}

TEST(Retries, AnAbsenceAfterAConnectionIsANewOne) {
  Retries retries({.longest_absence = 2s, .lost_answers = 1});
  EXPECT_TRUE(retries.pause_after(ErrorCode::kConnectionRefused, kStart));
  EXPECT_TRUE(retries.pause_after(kLost, kStart + 1s));
  EXPECT_TRUE(retries.pause_after(ErrorCode::kConnectionRefused, kStart + 3s));
  EXPECT_FALSE(retries.pause_after(ErrorCode::kSocketMissing, kStart + 5s));
}

TEST(Retries, LostAnswersAreCounted) {
  Retries retries({.longest_absence = 2s, .lost_answers = 2});
  EXPECT_TRUE(retries.pause_after(kLost, kStart));
  EXPECT_TRUE(retries.pause_after(kLost, kStart));
  EXPECT_FALSE(retries.pause_after(kLost, kStart));
  EXPECT_EQ(retries.failures(), 3);
}

TEST(Retries, NothingElseIsRetried) {
  for (const base::ErrorEntry& row : base::error_table()) {
    const bool passes_by_itself = row.code == ErrorCode::kSocketMissing ||
                                  row.code == ErrorCode::kConnectionRefused || row.code == kLost;
    EXPECT_EQ(Retries(kPatient).pause_after(row.code, kStart).has_value(), passes_by_itself)
        << row.name;
  }
}

TEST(Retries, WithoutAPolicyNothingIsRetried) {
  EXPECT_FALSE(Retries(RetryPolicy{}).pause_after(ErrorCode::kSocketMissing, kStart));
  EXPECT_FALSE(Retries(RetryPolicy{}).pause_after(kLost, kStart));
}

class ExchangeWithRetry : public testing::Test {
 protected:
  Result<Bytes> ask(std::chrono::milliseconds timeout, const RetryPolicy& policy = kPatient) {
    const auto observer = [this](const base::Error& error, microseconds pause) {
      failures_.push_back(error.code());
      pauses_.push_back(pause);
    };
    return exchange_with_retry(socket_, framed("request"), Deadline(timeout), kMaxResponseSize,
                               policy, observer);
  }

  quoted::test::TempDir directory_;
  std::filesystem::path socket_ = directory_ / "aesm.socket";
  std::vector<ErrorCode> failures_;
  std::vector<microseconds> pauses_;
};

TEST_F(ExchangeWithRetry, ServiceThatComesLateIsWaitedFor) {
  std::unique_ptr<FakeService> service;
  std::thread starter([&] {
    std::this_thread::sleep_for(100ms);
    service = std::make_unique<FakeService>(socket_, [](ServedConnection connection) {
      connection.read_request();
      connection.write(framed("answer"));
    });
  });
  const auto answer = ask(10s);
  starter.join();
  ASSERT_TRUE(answer) << answer.error().summary();
  EXPECT_EQ(base::as_text(*answer), "answer");
  EXPECT_THAT(failures_, testing::Contains(ErrorCode::kSocketMissing));
}

TEST_F(ExchangeWithRetry, RequestIsRepeatedWholeUntilItsAnswerIsWhole) {
  std::vector<Bytes> requests;
  {
    const FakeService service(socket_, [&](ServedConnection connection) {
      if (connection.index() == 0) return;
      requests.push_back(connection.read_request());
      const Bytes answer = framed("answer");
      const std::size_t sent = connection.index() == 1   ? 0
                               : connection.index() == 2 ? 3
                               : connection.index() == 3 ? answer.size() - 1
                                                         : answer.size();
      connection.write(base::ByteView(answer).first(sent));
    });
    const auto answer = ask(10s);
    ASSERT_TRUE(answer) << answer.error().summary();
    EXPECT_EQ(base::as_text(*answer), "answer");
  }
  EXPECT_EQ(requests, std::vector<Bytes>(4, base::to_bytes(base::as_bytes("request"))));
  EXPECT_EQ(failures_, std::vector<ErrorCode>(4, kLost));
}

TEST_F(ExchangeWithRetry, PausesAreSpreadOverTheUpperHalf) {
  const FakeService service(socket_, [](const ServedConnection&) {});
  EXPECT_FALSE(ask(10s, {.longest_absence = 0ms, .lost_answers = 5}));
  ASSERT_EQ(pauses_.size(), 5U);
  for (std::size_t i = 0; i < pauses_.size(); ++i) {
    const microseconds longest = 2ms * (1 << i);
    EXPECT_LE(pauses_[i], longest);
    EXPECT_GE(pauses_[i], longest / 2);
  }
}

TEST_F(ExchangeWithRetry, LastFailureIsToldWithTheNumberOfAttempts) {
  const FakeService service(socket_, [](const ServedConnection&) {});
  const auto answer = ask(10s, {.longest_absence = 0ms, .lost_answers = 2});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), kLost);
  EXPECT_THAT(answer.error().summary(), HasSubstr("after 3 attempts"));
  EXPECT_EQ(service.connections(), 3);
}

TEST_F(ExchangeWithRetry, NobodyIsWaitedForBeyondTheDeadline) {
  const auto answer = ask(150ms, {.longest_absence = 24h, .lost_answers = 0});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), ErrorCode::kSocketMissing)
      << "the cause, not that time is up: " << answer.error().summary();
}

// A busy machine may wake the client long after the pause that it asked for.
TEST_F(ExchangeWithRetry, PauseThatLastsBeyondTheDeadlineDoesNotHideTheCause) {
  const auto oversleep = [](const base::Error& /*error*/, microseconds /*pause*/) {
    std::this_thread::sleep_for(200ms);
  };
  const auto answer = exchange_with_retry(socket_, framed("request"), Deadline(150ms),
                                          kMaxResponseSize, kPatient, oversleep);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), ErrorCode::kSocketMissing) << answer.error().summary();
  EXPECT_THAT(answer.error().summary(), HasSubstr("after 2 attempts"));
}

TEST_F(ExchangeWithRetry, SilenceIsNotRepeated) {
  const FakeService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    connection.wait_until_client_closes();
  });
  const auto answer = ask(150ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), ErrorCode::kPeerTimeout);
  EXPECT_THAT(failures_, testing::IsEmpty());
}

}  // namespace
}  // namespace quoted::aesm
