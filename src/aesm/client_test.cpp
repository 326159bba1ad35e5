#include "aesm/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>

#include "aesm/codec.h"
#include "aesm/framing.h"
#include "aesm/testing/fake_service.h"
#include "aesm/testing/hex_bytes.h"
#include "test_support/temp_dir.h"

namespace quoted::aesm {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::struct_bytes;
using test::hex_bytes;
using testing::HasSubstr;

// What a field holds; nothing when it is absent.
Bytes content(const OptionalBytes& field) { return base::to_bytes(field.value_or(ByteView())); }

// A structure filled with bytes that are not zero.
template <class Struct>
Struct filled(std::byte value) {
  const Bytes bytes(sizeof(Struct), value);
  return base::parse_struct<Struct>(bytes, "test").value();
}

// A service that gives the prepared answers, one per connection, and keeps the requests.
class ClientTest : public testing::Test {
 protected:
  void answer_with(const std::vector<Response>& answers) {
    std::vector<Bytes> frames;
    frames.reserve(answers.size());
    for (const Response& answer : answers) frames.push_back(encode_response_frame(answer));
    serve(std::move(frames));
  }

  void serve(std::vector<Bytes> frames) {
    const auto script = [this, frames = std::move(frames)](test::ServedConnection peer) {
      Bytes request = peer.read_request();
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
      const auto index = static_cast<std::size_t>(peer.index());
      if (index < frames.size()) peer.write(frames[index]);
    };
    service_ = std::make_unique<test::FakeService>(socket_, script);
  }

  // The request of the connection with this index.
  template <class Message>
  Message request(std::size_t index) {
    const std::lock_guard lock(mutex_);
    return std::get<Message>(decode_request(requests_.at(index)).value());
  }

  template <class Value>
  static void expect_error(const Result<Value>& result, ErrorCode code, std::string_view words) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), code);
    EXPECT_THAT(result.error().summary(), HasSubstr(std::string(words)));
  }

  quoted::test::TempDir directory_;
  std::filesystem::path socket_ = directory_ / "aesm.socket";
  Client client_{socket_, 10s};
  const Bytes key_id_ = base::to_bytes(struct_bytes(sgx::ecdsa_p256_key_id()));
  std::mutex mutex_;
  std::vector<Bytes> requests_;
  std::unique_ptr<test::FakeService> service_;
};

TEST_F(ClientTest, CallReturnsTheAnswerWithItsErrorCode) {
  answer_with({GetQuoteSizeExResponse{.error_code = 42, .quote_size = 0}});
  const auto response = client_.call(GetQuoteSizeExRequest{.att_key_id = {}, .timeout = 15000});
  ASSERT_TRUE(response) << response.error().summary();
  EXPECT_EQ(std::get<GetQuoteSizeExResponse>(response->get()).error_code, 42U);
  EXPECT_EQ(request<GetQuoteSizeExRequest>(0).timeout, 15000U);
}

TEST_F(ClientTest, ViewsOfAnOwnedResponseSurviveMoving) {
  answer_with({GetLaunchTokenResponse{.error_code = 0, .token = base::as_bytes("token")}});
  auto response = client_.call(GetLaunchTokenRequest{});
  ASSERT_TRUE(response) << response.error().summary();
  OwnedResponse moved(std::move(*response));
  const auto heap = std::make_unique<OwnedResponse>(std::move(moved));
  const auto token = std::get<GetLaunchTokenResponse>(heap->get()).token;
  EXPECT_EQ(base::as_text(content(token)), "token");
}

TEST_F(ClientTest, AnswerOfAnotherKindIsRefused) {
  answer_with({InitQuoteResponse{.error_code = 0, .target_info = {}, .gid = {}}});
  expect_error(client_.call(GetQuoteExRequest{}), ErrorCode::kUnexpectedResponse,
               "answered GetQuoteEx with the response to InitQuote");
}

TEST_F(ClientTest, AnswerWithoutAKnownResponseIsRefused) {
  serve({hex_bytes("05000000 a201020801")});
  expect_error(client_.call(GetQuoteExRequest{}), ErrorCode::kUnexpectedResponse, socket_.native());
}

TEST_F(ClientTest, DamagedAnswerIsRefused) {
  serve({hex_bytes("02000000 7aff")});
  expect_error(client_.call(InitQuoteExRequest{}), ErrorCode::kMalformedMessage, socket_.native());
}

TEST_F(ClientTest, TransportErrorsComeThrough) {
  expect_error(client_.quote_size(), ErrorCode::kSocketMissing, socket_.native());
  serve({});
  expect_error(client_.quote_size(), ErrorCode::kPeerClosed, socket_.native());
}

TEST_F(ClientTest, TimeoutIsTheClients) {
  const test::FakeService silent(
      socket_, [](test::ServedConnection peer) { peer.wait_until_client_closes(); });
  expect_error(Client(socket_, 100ms).quote_size(), ErrorCode::kPeerTimeout, "within 100 ms");
}

TEST_F(ClientTest, AsksOnceUnlessToldOtherwise) {
  serve({});
  expect_error(client_.quote_size(), ErrorCode::kPeerClosed, socket_.native());
  EXPECT_EQ(service_->connections(), 1);
}

TEST_F(ClientTest, AbsentServiceIsAskedOnceUnlessToldOtherwise) {
  int failures = 0;
  const Client once(
      socket_, {.timeout = 10s, .retry = {}, .on_retry = [&](const auto&, auto) { ++failures; }});
  expect_error(once.quote_size(), ErrorCode::kSocketMissing, "there is no socket at");
  EXPECT_EQ(failures, 0);
}

// A client that is told to ask again, and what it lived through.
class PatientClient : public ClientTest {
 protected:
  static Bytes size_answer() {
    return encode_response_frame(GetQuoteSizeExResponse{.error_code = 0, .quote_size = 4600});
  }

  // Asks, and calls `change` with their number after each failure that is not the last word.
  template <class Change>
  Result<std::uint32_t> ask_while(const Change& change, std::chrono::milliseconds timeout = 60s) {
    const auto observer = [&](const base::Error& error, auto /*pause*/) {
      failures_.push_back(error.code());
      change(failures_.size());
    };
    const RetryPolicy policy{.longest_absence = 24h, .lost_answers = 16};
    return Client(socket_, {.timeout = timeout, .retry = policy, .on_retry = observer})
        .quote_size();
  }
  Result<std::uint32_t> ask(std::chrono::milliseconds timeout = 60s) {
    return ask_while([](std::size_t /*failures*/) {}, timeout);
  }

  std::vector<ErrorCode> failures_;
};

TEST_F(PatientClient, RepeatsTheRequestWhoseAnswerWasLost) {
  const Bytes answer = size_answer();
  serve({{}, base::to_bytes(ByteView(answer).first(5)), answer});
  EXPECT_EQ(ask(), 4600U);
  EXPECT_EQ(failures_, std::vector<ErrorCode>(2, ErrorCode::kPeerClosed));
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(requests_.size(), 3U);
  EXPECT_EQ(requests_[1], requests_[0]);
  EXPECT_EQ(requests_[2], requests_[0]);
}

TEST_F(PatientClient, WaitsForASocketThatIsNotThereYet) {
  const auto start = [this](std::size_t failures) {
    if (failures == 3) serve({size_answer()});
  };
  EXPECT_EQ(ask_while(start), 4600U);
  EXPECT_EQ(failures_, std::vector<ErrorCode>(3, ErrorCode::kSocketMissing));
}

TEST_F(PatientClient, WaitsWhileTheSocketOfADeadServiceRefuses) {
  {
    const base::UniqueFd gone = test::listen_on(socket_, 1);
  }
  const auto restart = [this](std::size_t failures) {
    if (failures != 3) return;
    std::filesystem::remove(socket_);
    serve({size_answer()});
  };
  EXPECT_EQ(ask_while(restart), 4600U);
  EXPECT_EQ(failures_, std::vector<ErrorCode>(3, ErrorCode::kConnectionRefused));
}

TEST_F(PatientClient, LivesThroughAllOfARestart) {
  serve({});
  const auto restart = [this](std::size_t failures) {
    if (failures == 1) {
      service_.reset();
      std::filesystem::remove(socket_);
    }
    if (failures == 3) serve({{}, size_answer()});
  };
  EXPECT_EQ(ask_while(restart), 4600U);
  EXPECT_EQ(failures_, (std::vector{ErrorCode::kPeerClosed, ErrorCode::kSocketMissing,
                                    ErrorCode::kSocketMissing, ErrorCode::kPeerClosed}));
}

TEST_F(PatientClient, DoesNotRepeatWhatTheServiceRefusedInWords) {
  answer_with({GetQuoteSizeExResponse{.error_code = 42, .quote_size = 0}});
  const auto result = ask();
  expect_error(result, ErrorCode::kServiceRefused, "42 AESM_ATT_KEY_NOT_INITIALIZED");
  EXPECT_EQ(service_->connections(), 1);
}

TEST_F(PatientClient, DoesNotRepeatWhatWasAnsweredWrongly) {
  answer_with({InitQuoteResponse{.error_code = 0, .target_info = {}, .gid = {}}});
  expect_error(ask(), ErrorCode::kUnexpectedResponse, "answered GetQuoteSizeEx");
  EXPECT_EQ(service_->connections(), 1);
}

TEST_F(PatientClient, NamesTheCauseWhenTheDeadlineEndsItsRepetitions) {
  expect_error(ask(100ms), ErrorCode::kSocketMissing, "attempts");
  EXPECT_THAT(failures_, testing::Not(testing::IsEmpty()));
}

TEST_F(PatientClient, HasOneDeadlineForAllRepetitions) {
  const test::FakeService service(socket_, [](test::ServedConnection peer) {
    peer.read_request();
    if (peer.index() > 0) peer.wait_until_client_closes();
  });
  expect_error(ask(1500ms), ErrorCode::kPeerTimeout, "within 1500 ms");
  EXPECT_EQ(failures_, std::vector{ErrorCode::kPeerClosed});
  EXPECT_EQ(service.connections(), 2);
}

// The reference fills a quote up to the size of the buffer (aesm-protocol 3.6).
TEST_F(ClientTest, AnswerMayBeAsLargeAsTheBufferItIsFor) {
  const Bytes large(2 * kMaxResponseSize, std::byte{0x44});
  const Response answer = GetQuoteExResponse{.error_code = 0, .quote = large, .qe_report_info = {}};
  answer_with({answer, answer});
  const auto size = static_cast<std::uint32_t>(large.size());
  const auto quote = client_.quote(filled<sgx::Report>(std::byte{0x33}), size);
  ASSERT_TRUE(quote) << quote.error().summary();
  EXPECT_EQ(quote->quote, large);
  expect_error(client_.quote(filled<sgx::Report>(std::byte{0x33}), size / 4),
               ErrorCode::kFrameTooLarge, "at most");
}

TEST_F(ClientTest, InitQuoteAsksInTheSecondForm) {
  const auto target = filled<sgx::TargetInfo>(std::byte{0x11});
  const auto key = filled<sgx::PubKeyId>(std::byte{0x22});
  answer_with({InitQuoteExResponse{.error_code = 0,
                                   .target_info = struct_bytes(target),
                                   .pub_key_id_size = 32,
                                   .pub_key_id = struct_bytes(key)}});
  const auto result = client_.init_quote();
  ASSERT_TRUE(result) << result.error().summary();
  EXPECT_EQ(result->target_info, target);
  EXPECT_EQ(result->pub_key_id, key);
  const auto asked = request<InitQuoteExRequest>(0);
  EXPECT_EQ(content(asked.att_key_id), key_id_);
  EXPECT_EQ(asked.b_pub_key_id, true);
  EXPECT_EQ(asked.buf_size, 32U);
}

TEST_F(ClientTest, InitQuoteChecksTheSizes) {
  const Bytes bytes(512);
  const InitQuoteExResponse good{.error_code = 0,
                                 .target_info = bytes,
                                 .pub_key_id_size = 32,
                                 .pub_key_id = ByteView(bytes).first(32)};
  InitQuoteExResponse short_target = good;
  short_target.target_info = ByteView(bytes).first(511);
  InitQuoteExResponse long_key = good;
  long_key.pub_key_id = ByteView(bytes).first(33);
  InitQuoteExResponse no_target = good;
  no_target.target_info.reset();
  answer_with({good, short_target, long_key, no_target});
  EXPECT_TRUE(client_.init_quote());
  expect_error(client_.init_quote(), ErrorCode::kWrongSize,
               "the answer to InitQuoteEx: target_info has 512 bytes, got 511");
  expect_error(client_.init_quote(), ErrorCode::kWrongSize, "pub_key_id has 32 bytes, got 33");
  expect_error(client_.init_quote(), ErrorCode::kMissingField, "it lacks target_info");
}

TEST_F(ClientTest, QuoteSize) {
  answer_with({GetQuoteSizeExResponse{.error_code = 0, .quote_size = 4600},
               GetQuoteSizeExResponse{.error_code = 0, .quote_size = {}},
               GetQuoteSizeExResponse{.error_code = {}, .quote_size = 4600}});
  EXPECT_EQ(client_.quote_size(), 4600U);
  expect_error(client_.quote_size(), ErrorCode::kMissingField, "it lacks quote_size");
  expect_error(client_.quote_size(), ErrorCode::kMissingField, "it lacks errorCode");
  EXPECT_EQ(content(request<GetQuoteSizeExRequest>(0).att_key_id), key_id_);
}

TEST_F(ClientTest, Quote) {
  answer_with({GetQuoteExResponse{
      .error_code = 0, .quote = base::as_bytes("quote"), .qe_report_info = {}}});
  const auto report = filled<sgx::Report>(std::byte{0x33});
  const auto result = client_.quote(report, 8192);
  ASSERT_TRUE(result) << result.error().summary();
  EXPECT_EQ(base::as_text(result->quote), "quote");
  EXPECT_FALSE(result->qe_report_info);
  const auto asked = request<GetQuoteExRequest>(0);
  EXPECT_EQ(content(asked.report), base::to_bytes(struct_bytes(report)));
  EXPECT_EQ(content(asked.att_key_id), key_id_);
  EXPECT_EQ(asked.buf_size, 8192U);
  EXPECT_FALSE(asked.qe_report_info);
}

TEST_F(ClientTest, QuoteWithQeReportInfo) {
  const auto sent = filled<sgx::QeReportInfo>(std::byte{0x44});
  const auto received = filled<sgx::QeReportInfo>(std::byte{0x55});
  const GetQuoteExResponse good{
      .error_code = 0, .quote = base::as_bytes("quote"), .qe_report_info = struct_bytes(received)};
  GetQuoteExResponse without = good;
  without.qe_report_info.reset();
  answer_with({good, without});
  const auto result = client_.quote({}, 8192, sent);
  ASSERT_TRUE(result) << result.error().summary();
  ASSERT_TRUE(result->qe_report_info);
  EXPECT_EQ(base::to_bytes(struct_bytes(result->qe_report_info.value_or(sgx::QeReportInfo{}))),
            base::to_bytes(struct_bytes(received)));
  EXPECT_EQ(content(request<GetQuoteExRequest>(0).qe_report_info),
            base::to_bytes(struct_bytes(sent)));
  expect_error(client_.quote({}, 8192, sent), ErrorCode::kMissingField, "it lacks qe_report_info");
}

TEST_F(ClientTest, QuoteForAsksForTheSizeThatTheServiceNames) {
  answer_with({GetQuoteSizeExResponse{.error_code = 0, .quote_size = 4600},
               GetQuoteExResponse{
                   .error_code = 0, .quote = base::as_bytes("quote"), .qe_report_info = {}}});
  const auto result = client_.quote_for(filled<sgx::Report>(std::byte{0x33}));
  ASSERT_TRUE(result) << result.error().summary();
  EXPECT_EQ(base::as_text(result->quote), "quote");
  EXPECT_EQ(request<GetQuoteExRequest>(1).buf_size, 4600U);
}

TEST_F(ClientTest, QuoteForBeginsAnewOnceWhenTheServiceWasRestarted) {
  const Bytes bytes(512);
  const GetQuoteSizeExResponse not_ready{.error_code = 42, .quote_size = 0};
  const InitQuoteExResponse ready{.error_code = 0,
                                  .target_info = bytes,
                                  .pub_key_id_size = 32,
                                  .pub_key_id = ByteView(bytes).first(32)};
  answer_with({not_ready, ready, GetQuoteSizeExResponse{.error_code = 0, .quote_size = 4600},
               GetQuoteExResponse{
                   .error_code = 0, .quote = base::as_bytes("quote"), .qe_report_info = {}}});
  EXPECT_TRUE(client_.quote_for({}));
  EXPECT_EQ(service_->connections(), 4);
}

TEST_F(ClientTest, QuoteForDoesNotBeginAnewTwice) {
  const Bytes bytes(512);
  const GetQuoteSizeExResponse not_ready{.error_code = 42, .quote_size = 0};
  answer_with({not_ready,
               InitQuoteExResponse{.error_code = 0,
                                   .target_info = bytes,
                                   .pub_key_id_size = 32,
                                   .pub_key_id = ByteView(bytes).first(32)},
               not_ready});
  expect_error(client_.quote_for({}), ErrorCode::kServiceRefused, "42");
  EXPECT_EQ(service_->connections(), 3);
}

TEST_F(ClientTest, QuoteForDoesNotRepeatOtherRefusals) {
  answer_with({GetQuoteSizeExResponse{.error_code = 30, .quote_size = 0}});
  expect_error(client_.quote_for({}), ErrorCode::kServiceRefused, "30");
  EXPECT_EQ(service_->connections(), 1);
}

TEST_F(ClientTest, QuoteLargerThanAskedForIsRefused) {
  const Bytes quote(101);
  answer_with({GetQuoteExResponse{.error_code = 0, .quote = quote, .qe_report_info = {}}});
  expect_error(client_.quote({}, 100), ErrorCode::kWrongSize, "101 bytes, at most 100");
}

TEST_F(ClientTest, RefusalsAreNamedAndExplained) {
  const auto refused = [](std::uint32_t code) {
    return GetQuoteExResponse{.error_code = code, .quote = {}, .qe_report_info = {}};
  };
  answer_with({refused(47), refused(3), refused(30), refused(1), refused(99)});
  const auto expect_message = [&](std::uint32_t code, std::string_view message) {
    const auto result = client_.quote({}, 8192);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::kServiceRefused);
    EXPECT_EQ(result.error().peer_code(), code);
    EXPECT_EQ(result.error().summary(), message);
  };
  expect_message(
      47,
      "the service answered 47 AESM_INVALID_REPORT to GetQuoteEx: The REPORT was not made for this "
      "Quoting Enclave by this CPU");
  expect_message(
      3,
      "the service answered 3 AESM_PARAMETER_ERROR to GetQuoteEx: A field of a request has an "
      "impossible value");
  expect_message(
      30,
      "the service answered 30 AESM_SERVICE_UNAVAILABLE to GetQuoteEx: The service does not offer "
      "this, or not now");
  expect_message(1, "the service answered 1 AESM_UNEXPECTED_ERROR to GetQuoteEx");
  expect_message(99, "the service answered 99 unknown to GetQuoteEx");
}

TEST_F(ClientTest, SupportedKeyIds) {
  const auto first = filled<sgx::AttestationKeyId>(std::byte{0x66});
  const sgx::AttestationKeyId second = sgx::ecdsa_p256_key_id();
  Bytes ids = base::to_bytes(struct_bytes(first));
  base::append(ids, struct_bytes(second));
  answer_with({GetSupportedAttKeyIdNumResponse{.error_code = 0, .att_key_id_num = 2},
               GetSupportedAttKeyIdsResponse{.error_code = 0, .att_key_ids = ids}});
  const auto result = client_.supported_key_ids();
  ASSERT_TRUE(result) << result.error().summary();
  ASSERT_EQ(result->size(), 2U);
  EXPECT_EQ(result->at(0).base, first.base);
  EXPECT_EQ(result->at(1).base, second.base);
  EXPECT_EQ(request<GetSupportedAttKeyIdsRequest>(1).buf_size, 512U);
}

TEST_F(ClientTest, NoSupportedKeyIdNeedsNoSecondCall) {
  answer_with({GetSupportedAttKeyIdNumResponse{.error_code = 0, .att_key_id_num = 0}});
  const auto result = client_.supported_key_ids();
  ASSERT_TRUE(result) << result.error().summary();
  EXPECT_TRUE(result->empty());
  EXPECT_EQ(service_->connections(), 1);
}

TEST_F(ClientTest, SupportedKeyIdsAreCheckedAgainstTheirNumber) {
  const Bytes one_short(511);
  answer_with({GetSupportedAttKeyIdNumResponse{.error_code = 0, .att_key_id_num = 0xFFFFFFFF},
               GetSupportedAttKeyIdNumResponse{.error_code = 0, .att_key_id_num = 2},
               GetSupportedAttKeyIdsResponse{.error_code = 0, .att_key_ids = one_short}});
  expect_error(client_.supported_key_ids(), ErrorCode::kBadParameter, "4294967295 key ids");
  expect_error(client_.supported_key_ids(), ErrorCode::kWrongSize, "need 512 bytes, got 511");
}

}  // namespace
}  // namespace quoted::aesm
