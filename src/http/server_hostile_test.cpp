// What hostile clients get, and that nobody else pays for it.
#include <gmock/gmock.h>

#include <thread>

#include "http/testing/test_server.h"

namespace quoted::http {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using std::chrono::milliseconds;
using testing::Answer;
using testing::RawClient;
using testing::request_text;
using testing::TestServer;

struct Case {
  const char* name;
  int status;
  std::string request;
  Rejection why = Rejection::kMalformed;
};

// Every one of them ends the connection: where the next request begins is not certain any more.
class Refused : public ::testing::TestWithParam<Case> {};

TEST_P(Refused, WithItsStatusAndTheEnd) {
  const TestServer server;
  RawClient client = server.connect();
  // A second request that must not be answered, for it could be one that a proxy let pass as body.
  client.send(GetParam().request + request_text("GET", "/light"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, GetParam().status) << answer->body;
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.counts.of(GetParam().why), 1);
  EXPECT_EQ(server.ask(request_text("GET", "/light")).status, 200);
}

std::string post(std::string_view headers, std::string_view body = "") {
  return base::text("POST /echo HTTP/1.1\r\nHost: x\r\n", headers, "\r\n", body);
}

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

INSTANTIATE_TEST_SUITE_P(
    Smuggling, Refused,
    ::testing::Values(
        Case{"LengthAndChunked", 400,
             post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        Case{"ChunkedAndLength", 400,
             post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n")},
        Case{"TwoLengths", 400, post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd")},
        Case{"SameLengthTwice", 400, post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")},
        Case{"ListOfLengths", 400, post("Content-Length: 3, 3\r\n", "abc")},
        Case{"SignedLength", 400, post("Content-Length: +3\r\n", "abc")},
        Case{"NegativeLength", 400, post("Content-Length: -1\r\n")},
        Case{"HexLength", 400, post("Content-Length: 0x3\r\n", "abc")},
        Case{"EmptyLength", 400, post("Content-Length: \r\n", "abc")},
        Case{"LengthBeyond64Bits", 400, post("Content-Length: 18446744073709551619\r\n", "abc")},
        Case{"CodingTwice", 400,
             post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        Case{"CodingBesideChunked", 501, post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
             Rejection::kUnsupported},
        Case{"OtherCoding", 501, post("Transfer-Encoding: gzip\r\n"), Rejection::kUnsupported},
        Case{"AlmostChunked", 501, post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
             Rejection::kUnsupported},
        Case{"ChunkedIn10", 400,
             "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Case{"BlankBeforeColon", 400, post("Content-Length : 3\r\n", "abc")},
        Case{"TwoHosts", 400, post("Host: y\r\n")},
        Case{"NoHost", 400, "GET /light HTTP/1.1\r\n\r\n"},
        Case{"FoldedHeader", 400, post("X: a\r\n b\r\n")},
        Case{"FoldedWithATab", 400, post("X: a\r\n\tb\r\n")},
        Case{"FoldedLength", 400, post("Content-Length:\r\n 3\r\n", "abc")},
        Case{"FoldedFirst", 400, "GET /light HTTP/1.1\r\n X: a\r\nHost: x\r\n\r\n"},
        Case{"TwoTypes", 400, post("Content-Type: a/b\r\nContent-Type: c/d\r\n")},
        Case{"TwoExpectations", 400,
             post("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 1\r\n")},
        Case{"SlashInHost", 400, "GET /light HTTP/1.1\r\nHost: x/y\r\n\r\n"},
        Case{"UserInHost", 400, "GET /light HTTP/1.1\r\nHost: a@x\r\n\r\n"},
        Case{"BlankInHost", 400, "GET /light HTTP/1.1\r\nHost: x y\r\n\r\n"},
        Case{"ControlInChunkExtension", 400,
             post("Transfer-Encoding: chunked\r\n", "1;a=\"\x01\"\r\na\r\n0\r\n\r\n")},
        Case{"LineFeedInChunkExtension", 400,
             post("Transfer-Encoding: chunked\r\n", "1;a=\"\n\"\r\na\r\n0\r\n\r\n")},
        Case{"BareLineFeed", 400, post("X: a\nY: b\r\n")},
        Case{"BareLineFeedFirst", 505, "GET /light HTTP/1.1\nHost: x\n\n", Rejection::kUnsupported},
        Case{"BareCarriageReturn", 400, post("X: a\rb\r\n")},
        Case{"ChunkSizeNegative", 400, post("Transfer-Encoding: chunked\r\n", "-1\r\n\r\n")},
        Case{"ChunkSizeBeyond64Bits", 400,
             post("Transfer-Encoding: chunked\r\n", "10000000000000001\r\na\r\n0\r\n\r\n")},
        Case{"ChunkWithoutEnd", 400,
             post("Transfer-Encoding: chunked\r\n", "1\r\nabc\r\n0\r\n\r\n")}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Garbage, Refused,
    ::testing::Values(
        Case{"NotHttp", 400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s},
        Case{"NulInValue", 400, post("X: a\0b\r\n"sv)},
        Case{"NulInName", 400, post("X\0: a\r\n"sv)},
        Case{"NulInTarget", 400, "GET /li\0ght HTTP/1.1\r\nHost: x\r\n\r\n"s},
        Case{"NulInMethod", 400, "G\0T /light HTTP/1.1\r\nHost: x\r\n\r\n"s},
        Case{"EscapedNul", 400, "GET /light%00 HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"NoVersion", 400, "GET /light\r\nHost: x\r\n\r\n"},
        Case{"Http2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Rejection::kUnsupported},
        Case{"Http12", 505, "GET /light HTTP/1.2\r\nHost: x\r\n\r\n", Rejection::kUnsupported},
        Case{"Authority", 400, "CONNECT host:443 HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"Asterisk", 400, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"},
        Case{"NameWithoutColon", 400, post("nonsense\r\n")}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    TooLarge, Refused,
    ::testing::Values(
        Case{"Url", 414, "GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n",
             Rejection::kHeaderTooLarge},
        Case{"FirstLineWithoutEnd", 414, "GET /" + std::string(40000, 'a'),
             Rejection::kHeaderTooLarge},
        Case{"OneHeader", 431, post("X: " + std::string(20000, 'a') + "\r\n"),
             Rejection::kHeaderTooLarge},
        Case{"HeaderWithoutEnd", 431, "GET / HTTP/1.1\r\nX: " + std::string(40000, 'a'),
             Rejection::kHeaderTooLarge},
        Case{"ManyHeaders", 431,
             [] {
               std::string many;
               for (int i = 0; i < 4000; ++i) many += "A: b\r\n";
               return post(many);
             }(),
             Rejection::kHeaderTooLarge},
        Case{"AnnouncedBody", 413, post("Content-Length: 1048577\r\n"), Rejection::kBodyTooLarge},
        Case{"HugeAnnouncedBody", 413, post("Content-Length: 18446744073709551615\r\n"),
             Rejection::kBodyTooLarge},
        Case{"AnnouncedChunk", 413, post("Transfer-Encoding: chunked\r\n", "7fffffffffffffff\r\n"),
             Rejection::kBodyTooLarge},
        Case{"ChunkExtension", 431,
             post("Transfer-Encoding: chunked\r\n", "1;" + std::string(60000, 'x')),
             Rejection::kHeaderTooLarge}),
    [](const auto& one) { return one.param.name; });

ServerOptions with_deadlines(milliseconds one) {
  ServerOptions options;
  options.deadlines.header = one;
  options.deadlines.body = one;
  options.deadlines.idle = one;
  options.deadlines.write = one;
  return options;
}

TEST(SlowClient, SilentOneIsClosedWithoutAWord) {
  const TestServer server(with_deadlines(milliseconds(300)));
  EXPECT_EQ(server.connect().read_to_end(), "");
  RawClient kept = server.connect();
  EXPECT_EQ(kept.ask(request_text("GET", "/light")).status, 200);
  EXPECT_EQ(kept.read_to_end(), "");
  EXPECT_EQ(server.counts.of(Rejection::kTimeout), 0);
}

TEST(SlowClient, HalfAHeaderIsAnsweredWith408) {
  const TestServer server(with_deadlines(milliseconds(300)));
  RawClient client = server.connect();
  client.send("GET /light HT");
  const auto client_answer = client.read_answer();
  ASSERT_TRUE(client_answer);
  EXPECT_EQ(client_answer->status, 408);
  EXPECT_TRUE(client.reaches_end());
  EXPECT_EQ(server.counts.of(Rejection::kTimeout), 1);
}

TEST(SlowClient, HalfABodyIsAnsweredWith408) {
  const TestServer server(with_deadlines(milliseconds(300)));
  RawClient client = server.connect();
  client.send(post("Content-Length: 100\r\n", "only this"));
  const auto client_answer = client.read_answer();
  ASSERT_TRUE(client_answer);
  EXPECT_EQ(client_answer->status, 408);
  EXPECT_TRUE(client.reaches_end());
}

TEST(SlowClient, DripDoesNotExtendTheDeadline) {
  const TestServer server(with_deadlines(milliseconds(300)));
  RawClient client = server.connect();
  client.send("GET /light HTTP/1.1\r\n");
  // Ends because the server closes; a deadline that each byte renewed would never let it.
  while (client.send("X: y\r\n") && server.counts.of(Rejection::kTimeout) == 0) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  const auto client_answer = client.read_answer();
  ASSERT_TRUE(client_answer);
  EXPECT_EQ(client_answer->status, 408);
}

TEST(SlowClient, ReaderThatDoesNotReadIsClosed) {
  const TestServer server(with_deadlines(milliseconds(300)));
  RawClient client = server.connect();
  client.send(request_text("GET", "/large"));
  EXPECT_FALSE([&] {
    while (server.counts.closed == 0) std::this_thread::sleep_for(milliseconds(5));
    return client.read_answer().has_value();
  }());
}

TEST(SlowClient, OthersAreServedMeanwhile) {
  const TestServer server;
  std::vector<RawClient> stalled;
  for (int i = 0; i < 50; ++i) {
    stalled.push_back(server.connect());
    stalled.back().send(i % 2 == 0 ? "GET /li"s : post("Content-Length: 1000\r\n", "a"));
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(server.ask(request_text("POST", "/echo", "", "honest")).body, "honest");
  }
}

// Sends the same chunk for ever, as fast as the server takes it, until it is refused.
class ChunkFlood : public ::testing::TestWithParam<std::size_t> {};

TEST_P(ChunkFlood, IsRefusedAndOthersAreServedMeanwhile) {
  const TestServer server;
  RawClient flooding = server.connect();
  flooding.send(post("Transfer-Encoding: chunked\r\n"));
  const std::string chunk = "1;" + std::string(GetParam(), 'x') + "\r\nx\r\n";
  std::string many;
  while (many.size() < 100'000) many += chunk;
  const std::jthread flood([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && flooding.send(many)) {
    }
  });
  const auto answer = flooding.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->status, ::testing::AnyOf(400, 413)) << answer->body;
  EXPECT_EQ(server.ask(request_text("GET", "/light")).status, 200);
}

INSTANTIATE_TEST_SUITE_P(Extensions, ChunkFlood, ::testing::Values(16000, 257, 250, 1));

TEST(SlowClient, FastOneDoesNotKeepTheOthersWaiting) {
  ServerOptions options;
  options.limits.max_body_bytes = std::size_t{1} << 40U;
  options.limits.max_buffered_bytes = std::size_t{1} << 20U;
  options.deadlines.body = milliseconds(2000);
  const TestServer server(std::move(options));
  RawClient fast = server.connect();
  fast.send(post("Transfer-Encoding: chunked\r\n"));
  std::string many;
  while (many.size() < 100'000) many += "1;" + std::string(250, 'x') + "\r\nx\r\n";
  const std::jthread flood([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && fast.send(many)) {
    }
  });
  EXPECT_EQ(server.ask(request_text("GET", "/light")).status, 200);
  EXPECT_EQ(server.ask(request_text("POST", "/echo", "", "honest")).body, "honest");
  EXPECT_THAT(fast.read_answer().value_or(Answer{}).status, ::testing::AnyOf(408, 503));
}

TEST(HalfClose, InsideAHeaderOrBodyIsRefused) {
  const TestServer server;
  for (const std::string& cut : {"GET /li"s, post("Content-Length: 10\r\n", "abc")}) {
    RawClient client = server.connect();
    client.send(cut);
    client.half_close();
    const auto client_answer = client.read_answer();
    ASSERT_TRUE(client_answer);
    EXPECT_EQ(client_answer->status, 400);
    EXPECT_TRUE(client.reaches_end());
  }
  RawClient nothing = server.connect();
  nothing.half_close();
  EXPECT_EQ(nothing.read_to_end(), "");
}

TEST(Limits, ConnectionsBeyondTheLimitAreTurnedAwayWhenAllAreBusy) {
  ServerOptions options;
  options.limits.max_connections = 2;
  TestServer server(std::move(options));
  std::vector<RawClient> busy;
  for (int i = 0; i < 2; ++i) {
    busy.push_back(server.connect());
    busy.back().send(request_text("POST", "/gate", "", "x"));
  }
  ASSERT_TRUE(server.gate.wait_for(2));
  RawClient third = server.connect();
  const auto refused = third.read_answer();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->header("Retry-After"), "1");
  EXPECT_TRUE(third.reaches_end());
  EXPECT_EQ(server.counts.of(Rejection::kConnectionLimit), 1);
  server.gate.open();
  for (RawClient& one : busy) {
    const auto answer = one.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "through");
  }
  EXPECT_EQ(server.ask(request_text("GET", "/light")).status, 200);
}

TEST(Limits, LongestIdleConnectionMakesRoom) {
  ServerOptions options;
  options.limits.max_connections = 2;
  const TestServer server(std::move(options));
  RawClient first = server.connect();
  EXPECT_EQ(first.ask(request_text("GET", "/light")).status, 200);
  RawClient second = server.connect();
  EXPECT_EQ(second.ask(request_text("GET", "/light")).status, 200);
  RawClient third = server.connect();
  EXPECT_EQ(third.ask(request_text("GET", "/light")).status, 200);
  EXPECT_TRUE(first.reaches_end());
  EXPECT_EQ(second.ask(request_text("GET", "/light")).status, 200);
  EXPECT_EQ(server.counts.of(Rejection::kConnectionLimit), 1);
}

TEST(Limits, RequestThatDoesNotArriveMakesRoomAfterItsGrace) {
  ServerOptions options;
  options.limits.max_connections = 2;
  options.deadlines.header = options.deadlines.body = options.deadlines.request =
      std::chrono::minutes(5);
  const TestServer server(std::move(options));
  RawClient header = server.connect();
  header.send("GET /li");
  RawClient body = server.connect();
  body.send(post("Content-Length: 1000\r\n", "a"));
  // Refused as long as neither is old enough.
  int status = 503;
  for (int i = 0; i < 600 && status == 503; ++i) {
    std::this_thread::sleep_for(milliseconds(50));
    status = server.connect().ask(request_text("GET", "/light")).status;
  }
  EXPECT_EQ(status, 200);
  EXPECT_EQ(server.counts.of(Rejection::kTimeout), 0);
}

TEST(Limits, FullQueueIsRefusedAtOnceAndLightWorkGoesOn) {
  ServerOptions options;
  options.threads = 1;
  options.limits.max_queued = 1;
  TestServer server(std::move(options));
  RawClient running = server.connect();
  running.send(request_text("POST", "/gate", "", "x"));
  ASSERT_TRUE(server.gate.wait_for(1));
  RawClient waiting = server.connect();
  waiting.send(request_text("POST", "/echo", "", "waited"));
  // Whichever of the two comes second finds the queue full.
  RawClient other = server.connect();
  other.send(request_text("POST", "/echo", "", "waited"));
  while (server.counts.of(Rejection::kOverloaded) == 0) {
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_EQ(server.ask(request_text("GET", "/light")).status, 200);
  server.gate.open();
  const auto running_answer = running.read_answer();
  ASSERT_TRUE(running_answer);
  EXPECT_EQ(running_answer->body, "through");
  const auto one = waiting.read_answer();
  const auto two = other.read_answer();
  ASSERT_TRUE(one && two);
  EXPECT_EQ(std::min(one->status, two->status), 200);
  EXPECT_EQ(std::max(one->status, two->status), 503);
  EXPECT_EQ((one->status == 503 ? *one : *two).header("Retry-After"), "1");
}

TEST(Limits, RequestThatTakesTooLongIsAnsweredWithoutItsHandler) {
  ServerOptions options;
  options.deadlines.request = milliseconds(300);
  TestServer server(std::move(options));
  const Answer answer = server.ask(request_text("POST", "/gate", "", "x"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Connection"), "close");
  server.gate.open();
  EXPECT_EQ(server.ask(request_text("GET", "/light")).status, 200);
}

TEST(Limits, BodiesOfAllTogetherAreBounded) {
  ServerOptions options;
  options.limits.max_buffered_bytes = 1000;
  const TestServer server(std::move(options));
  const auto ask = [&](std::size_t size) {
    return server.ask(request_text("POST", "/echo", "", std::string(size, 'a'))).status;
  };
  EXPECT_EQ(ask(1001), 503);
  RawClient holding = server.connect();
  holding.send(post("Content-Length: 910\r\n", std::string(900, 'b')));
  // What is announced reserves nothing, what has arrived does.
  for (int i = 0; i < 1000 && ask(200) == 200; ++i) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(ask(200), 503);
  EXPECT_EQ(holding.ask(std::string(10, 'b')).status, 200);
  // What was given back can be taken again, any number of times.
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ask(900), 200);
}

TEST(Limits, EveryConnectionHeaderCounts) {
  const TestServer server;
  EXPECT_EQ(
      server.ask(request_text("GET", "/light", "Connection: upgrade\r\nConnection: close\r\n"))
          .header("Connection"),
      "close");
}

TEST(Limits, RequestsOfOneConnectionAreCounted) {
  ServerOptions options;
  options.limits.max_requests_per_connection = 2;
  const TestServer server(std::move(options));
  RawClient client = server.connect();
  EXPECT_EQ(client.ask(request_text("GET", "/light")).header("Connection"), "keep-alive");
  EXPECT_EQ(client.ask(request_text("GET", "/light")).header("Connection"), "close");
  EXPECT_TRUE(client.reaches_end());
}

TEST(Limits, PipelineIsCutAfterSoMany) {
  ServerOptions options;
  options.limits.max_pipelined = 3;
  const TestServer server(std::move(options));
  RawClient client = server.connect();
  std::string all;
  for (int i = 0; i < 20; ++i) all += request_text("GET", "/light");
  client.send(all);
  int answered = 0;
  while (client.read_answer()) ++answered;
  EXPECT_EQ(answered, 4);
}

TEST(Limits, AnySplitOfARequestIsTheSameRequest) {
  const TestServer server;
  const std::string request =
      request_text("POST", "/echo", "Transfer-Encoding: chunked\r\nX-Long: abc\r\n") +
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  RawClient client = server.connect();
  for (std::size_t at = 1; at < request.size(); ++at) {
    client.send(std::string_view(request).substr(0, at));
    EXPECT_EQ(client.ask(std::string_view(request).substr(at)).body, "abcde") << at;
  }
}

}  // namespace
}  // namespace quoted::http
