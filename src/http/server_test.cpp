// What an ordinary client sees.
#include "http/server.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <future>
#include <thread>

#include "http/testing/test_server.h"
#include "test_support/temp_dir.h"

namespace quoted::http {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using testing::RawClient;
using testing::request_text;
using testing::TestServer;

TEST(Server, AnswersOnTheConnectionAsLongAsTheClientLikes) {
  const TestServer server;
  RawClient client = server.connect();
  for (int i = 0; i < 3; ++i) {
    const Answer answer = client.ask(request_text("POST", "/echo", "", "hello"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.header("Connection"), "keep-alive");
    EXPECT_EQ(answer.header("Date").size(), 29U);
  }
  const Answer last = client.ask(request_text("GET", "/light", "Connection: close\r\n"));
  EXPECT_EQ(last.header("Connection"), "close");
  EXPECT_TRUE(client.reaches_end());
  EXPECT_EQ(server.counts.opened, 1);
  EXPECT_EQ(server.counts.answers, 4);
}

TEST(Server, QueryReachesTheHandler) {
  const TestServer server;
  EXPECT_EQ(server.ask(request_text("GET", "/query?fmspc=00%2F&ca=platform")).body,
            "fmspc=00/;ca=platform;");
}

TEST(Server, HeadIsGetWithoutItsBody) {
  const TestServer server;
  RawClient client = server.connect();
  EXPECT_EQ(client.ask(request_text("HEAD", "/light"), false).header("Content-Length"), "5");
  EXPECT_EQ(client.ask(request_text("GET", "/light")).body, "light");
  EXPECT_EQ(client.ask(request_text("HEAD", "/nothing"), false).status, 404);
  EXPECT_EQ(client.ask(request_text("GET", "/light")).body, "light");
}

TEST(Server, ChunkedBodyIsPutTogetherAndItsTrailersDropped) {
  const TestServer server;
  RawClient client = server.connect();
  const std::string head = request_text("POST", "/echo", "Transfer-Encoding: chunked\r\n");
  EXPECT_EQ(client.ask(head + "3\r\nabc\r\n4;name=\"x\"\r\ndefg\r\n0\r\nX-Trailer: 1\r\n\r\n").body,
            "abcdefg");
  EXPECT_EQ(client.ask(head + "0\r\n\r\n").body, "");
}

TEST(Server, ContinueIsSentBeforeTheBodyAndNotForARefusal) {
  const TestServer server;
  RawClient client = server.connect();
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_answer()->status, 100);
  EXPECT_EQ(client.ask("ok").body, "ok");
  EXPECT_EQ(client
                .ask("POST /none HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                     "Content-Length: 2\r\n\r\n")
                .status,
            404);
  EXPECT_TRUE(client.reaches_end());
  EXPECT_EQ(server.ask(request_text("POST", "/echo", "Expect: teapot\r\n", "ok")).status, 417);
}

TEST(Server, PipelinedRequestsAreAnsweredInOrder) {
  const TestServer server;
  RawClient client = server.connect();
  std::string all;
  for (int i = 0; i < 10; ++i) all += request_text("GET", base::text("/query?i=", i));
  client.send(all);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.read_answer()->body, base::text("i=", i, ";"));
}

TEST(Server, AnswerReachesAClientThatHasClosedItsSide) {
  const TestServer server;
  RawClient client = server.connect();
  client.send(request_text("POST", "/echo", "", "half"));
  client.half_close();
  EXPECT_EQ(client.read_answer()->body, "half");
  EXPECT_TRUE(client.reaches_end());
}

TEST(Server, Http10ClosesUnlessAskedToKeep) {
  const TestServer server;
  RawClient client = server.connect();
  EXPECT_EQ(client.ask("GET /light HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").body, "light");
  EXPECT_EQ(client.ask("GET /light HTTP/1.0\r\n\r\n").body, "light");
  EXPECT_TRUE(client.reaches_end());
}

TEST(Server, LargeAnswerArrivesWhole) {
  const TestServer server;
  EXPECT_EQ(server.ask(request_text("GET", "/large")).body.size(), std::size_t{8} << 20U);
}

TEST(Server, WhatIsNotThereIsToldApart) {
  const TestServer server;
  RawClient client = server.connect();
  const Answer missing = client.ask(request_text("GET", "/nothing"));
  EXPECT_EQ(missing.status, 404);
  EXPECT_THAT(missing.body, HasSubstr("\"code\":\"QD4105\""));
  const Answer method = client.ask(request_text("DELETE", "/light"));
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.header("Allow"), "GET, HEAD");
  EXPECT_EQ(client.ask(request_text("BREW", "/light")).status, 405);
  EXPECT_EQ(client.ask(request_text("GET", "/echo")).header("Allow"), "POST");
  EXPECT_EQ(server.ask(request_text("POST", "/strict")).status, 411);
  EXPECT_EQ(server.ask(request_text("POST", "/strict", "", "{}")).status, 415);
  EXPECT_EQ(
      server.ask(request_text("POST", "/strict", "Content-Type: text/plain\r\n", "{}")).status,
      415);
  EXPECT_EQ(server
                .ask(request_text("POST", "/strict",
                                  "content-type: Application/JSON; charset=utf-8\r\n", "{}"))
                .body,
            "taken");
}

TEST(Server, HandlerThatThrowsCostsOneAnswer) {
  const TestServer server;
  RawClient client = server.connect();
  EXPECT_EQ(client.ask(request_text("GET", "/throw")).status, 500);
  EXPECT_EQ(client.ask(request_text("GET", "/light")).status, 200);
  EXPECT_EQ(server.counts.failures, 1);
}

TEST(Server, HandlersCannotInjectHeaders) {
  const TestServer server;
  const Answer answer = server.ask(request_text("GET", "/inject?v=fine"));
  EXPECT_EQ(answer.header("X-Echo"), "fine");
  EXPECT_EQ(answer.header("X-Injected"), "");
}

TEST(Server, ErrorsAreWrittenAsTheOptionsSay) {
  ServerOptions options;
  options.write_error = [](unsigned status, const base::Error&) {
    return Response{.status = status, .headers = {{"Error-Code", "NoSuchThing"}}, .body = {}};
  };
  const TestServer server(std::move(options));
  const Answer answer = server.ask(request_text("GET", "/nothing"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.header("Error-Code"), "NoSuchThing");
  EXPECT_EQ(answer.body, "");
}

TEST(Server, ListensOnSeveralEndpointsAndRemovesItsSocket) {
  const test::TempDir directory;
  const std::string path = directory / "http.sock";
  ServerOptions options;
  options.endpoints = {TcpEndpoint{}, UnixEndpoint{.path = path, .mode = 0640}};
  {
    const TestServer server(std::move(options));
    ASSERT_EQ(server.server->endpoints().size(), 2U);
    EXPECT_NE(std::get<TcpEndpoint>(server.endpoint()).port, 0);
    EXPECT_EQ(server.ask(request_text("GET", "/light")).status, 200);
    EXPECT_EQ(RawClient(server.server->endpoints()[1]).ask(request_text("GET", "/light")).status,
              200);
    struct stat info{};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0640U);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Server, NoEndpointIsAMistake) {
  testing::Counts counts;
  const auto refused = Server::start({}, {}, counts);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kInvalidArgument);
}

TEST(Server, StopAnswersWhatIsUnderWayAndClosesTheRest) {
  TestServer server;
  RawClient idle = server.connect();
  EXPECT_EQ(idle.ask(request_text("GET", "/light")).status, 200);
  RawClient fresh = server.connect();
  RawClient busy = server.connect();
  busy.send(request_text("POST", "/gate", "", "x"));
  ASSERT_TRUE(server.gate.wait_for(1));
  std::jthread stopping([&] { server.server->stop(); });
  EXPECT_TRUE(idle.reaches_end());
  EXPECT_TRUE(fresh.reaches_end());
  server.gate.open();
  const auto answer = busy.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "through");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(busy.reaches_end());
  stopping.join();
  EXPECT_EQ(server.counts.opened, server.counts.closed);
}

TEST(Server, StopWaitsForAHandlerThatHasBegunAlsoWhenItsClientIsGivenUp) {
  ServerOptions options;
  options.deadlines.drain = std::chrono::milliseconds(50);
  TestServer server(std::move(options));
  RawClient busy = server.connect();
  busy.send(request_text("POST", "/gate", "", "x"));
  ASSERT_TRUE(server.gate.wait_for(1));
  const std::jthread opening([&] {
    EXPECT_TRUE(busy.reaches_end());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    server.gate.open();
  });
  server.server->stop();
  EXPECT_EQ(server.gate.left(), 1);
}

TEST(Server, StopsThoughClientsKeepConnecting) {
  const test::TempDir directory;
  ServerOptions options;
  options.endpoints = {UnixEndpoint{.path = directory / "http.sock"}};
  TestServer server(std::move(options));
  std::atomic<int> connected{0};
  const Endpoint endpoint = server.endpoint();
  // After what they use, so that they end first.
  std::vector<std::jthread> connecting;
  for (int i = 0; i < 8; ++i) {
    connecting.emplace_back([&](const std::stop_token& stop) {
      try {
        while (!stop.stop_requested()) {
          const RawClient client(endpoint);
          ++connected;
        }
      } catch (const std::runtime_error&) {
        // The listening socket is gone, which is how this ends.
      }
    });
  }
  while (connected < 100) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  auto stopped = std::async(std::launch::async, [&] { server.server->stop(); });
  const auto state = stopped.wait_for(std::chrono::seconds(30));
  for (auto& one : connecting) one.request_stop();
  EXPECT_EQ(state, std::future_status::ready);
}

TEST(Server, StopDoesNotWaitForEverForAStalledClient) {
  ServerOptions options;
  options.deadlines.drain = std::chrono::milliseconds(50);
  TestServer server(std::move(options));
  RawClient stalled = server.connect();
  EXPECT_EQ(stalled.ask(request_text("GET", "/light")).status, 200);
  stalled.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(stalled.read_answer()->status, 100);
  server.server->stop();
  EXPECT_TRUE(stalled.reaches_end());
  EXPECT_EQ(server.counts.opened, server.counts.closed);
}

TEST(Server, AHandlerCanEndTheConnectionWithoutAnAnswer) {
  TestServer server;
  auto client = server.connect();
  client.send(request_text("GET", "/hang-up"));
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.counts.answers, 0);
  EXPECT_EQ(server.connect().ask(request_text("GET", "/inject?v=x")).status, 200);
}

}  // namespace
}  // namespace quoted::http
