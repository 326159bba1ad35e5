#include "http/client.h"

#include <gmock/gmock.h>

#include <barrier>
#include <future>

#include "base/file.h"
#include "http/testing/client_support.h"
#include "http/testing/scripted_server.h"
#include "http/testing/test_server.h"
#include "test_support/temp_dir.h"

namespace quoted::http {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
using testing::client_of;
using testing::DeadPort;
using ::testing::Eq;
using testing::FailsWith;
using testing::get;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;
using testing::Peer;
using testing::reply_text;
using testing::ScriptedServer;
using testing::TestServer;

std::string url_of(const TestServer& server, std::string_view path) {
  return base::text("http://", to_text(server.endpoint()), path);
}

std::string text_of(const ClientReply& reply) { return std::string(base::as_text(reply.body)); }

// For what must have happened before a deadline passes, also on a busy machine.
constexpr milliseconds kPlenty(2000);

ClientOptions impatient(milliseconds deadline) {
  return {.connect_deadline = deadline, .total_deadline = deadline};
}

TEST(Client, GivesTheReplyWhateverItsStatus) {
  const TestServer server;
  const auto found = get(url_of(server, "/light"));
  ASSERT_TRUE(found) << found.error().summary();
  EXPECT_EQ(found->status, 200U);
  EXPECT_EQ(text_of(*found), "light");
  EXPECT_EQ(found->url, url_of(server, "/light"));
  EXPECT_THAT(find_header(found->headers, "content-type"), Optional(Eq("text/plain")));

  const auto missing = get(url_of(server, "/nothing"));
  ASSERT_TRUE(missing) << missing.error().summary();
  EXPECT_EQ(missing->status, 404U);
  EXPECT_THAT(text_of(*missing), HasSubstr("QD4105"));

  const auto defect = get(url_of(server, "/throw"));
  ASSERT_TRUE(defect) << defect.error().summary();
  EXPECT_EQ(defect->status, 500U);
}

TEST(Client, SendsBodiesAndHeaders) {
  const TestServer server;
  const auto client = client_of();
  const std::string body("a\0b", 3);
  const auto echoed = client->send({.method = "POST",
                                    .url = url_of(server, "/echo"),
                                    .headers = {{"Content-Type", "application/json"}},
                                    .body = base::to_bytes(base::as_bytes(body))});
  ASSERT_TRUE(echoed) << echoed.error().summary();
  EXPECT_EQ(text_of(*echoed), body);
  const auto head = client->send({.method = "HEAD", .url = url_of(server, "/light")});
  ASSERT_TRUE(head) << head.error().summary();
  EXPECT_EQ(head->status, 200U);
  EXPECT_TRUE(head->body.empty());
}

TEST(Client, SaysWhoItIsAndNothingThatWasNotAskedFor) {
  std::string head;
  {
    const ScriptedServer server([&](Peer& peer) {
      head = peer.read_head();
      peer.send(reply_text("200 OK", "", ""));
    });
    const auto reply = client_of()->send({.method = "POST",
                                          .url = server.url("http", "/a?b=c#d"),
                                          .headers = {{"X-Empty", ""}, {"X-Key", "k"}}});
    ASSERT_TRUE(reply) << reply.error().summary();
  }
  EXPECT_THAT(head, ::testing::StartsWith("POST /a?b=c HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nUser-Agent: quoted/" QUOTED_VERSION "\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nX-Empty:"));
  EXPECT_THAT(head, HasSubstr("\r\nX-Key: k\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nContent-Length: 0\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Type")));
  EXPECT_THAT(head, Not(HasSubstr("Expect")));
}

TEST(Client, KeepsHeaderValuesAsTheyWere) {
  std::string chain;
  while (chain.size() < 2200) chain += "-----BEGIN%20CERTIFICATE-----%0AMIIC%2Bab%2F%3D%0A";
  const std::string headers = base::text("SGX-TCB-Info-Issuer-Chain: ", chain,
                                         "\r\nx-twice: 1\r\nX-Twice: 2\r\nX-Nothing:\r\n");
  const ScriptedServer server(
      [&](Peer& peer) { peer.answer(reply_text("200 OK", headers, "{}")); });
  const auto reply = get(server.url());
  ASSERT_TRUE(reply) << reply.error().summary();
  EXPECT_THAT(find_header(reply->headers, "sgx-tcb-info-issuer-chain"), Optional(Eq(chain)));
  EXPECT_THAT(find_header(reply->headers, "X-Twice"), Optional(Eq("1")));
  EXPECT_THAT(find_header(reply->headers, "X-Nothing"), Optional(Eq("")));
  EXPECT_EQ(reply->headers.size(), 5U);
}

TEST(Client, TakesHeadersOfTheFinalReplyAlone) {
  const ScriptedServer server([](Peer& peer) {
    peer.answer(
        "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Final: 2\r\n\r\n"
        "2\r\nok\r\n0\r\nX-Trailer: 3\r\n\r\n");
  });
  const auto reply = get(server.url());
  ASSERT_TRUE(reply) << reply.error().summary();
  EXPECT_EQ(text_of(*reply), "ok");
  EXPECT_TRUE(find_header(reply->headers, "X-Final"));
  EXPECT_FALSE(find_header(reply->headers, "X-Early"));
  EXPECT_FALSE(find_header(reply->headers, "X-Trailer"));
}

TEST(Client, TellsHowFarItCame) {
  const TestServer server;
  Timings timings;
  ASSERT_TRUE(get(url_of(server, "/light"), {}, &timings));
  EXPECT_EQ(timings.peer, to_text(server.endpoint()));
  ASSERT_TRUE(timings.resolved && timings.connected && timings.answered && timings.done);
  EXPECT_FALSE(timings.secured);
  EXPECT_LE(*timings.resolved, *timings.connected);
  EXPECT_LE(*timings.connected, *timings.answered);
  EXPECT_LE(*timings.answered, *timings.done);

  const DeadPort dead;
  ASSERT_FALSE(get(base::text("http://127.0.0.1:", dead.port(), "/"), {}, &timings));
  EXPECT_TRUE(timings.resolved);
  EXPECT_FALSE(timings.connected || timings.answered || timings.done);
  EXPECT_EQ(timings.peer, base::text("127.0.0.1:", dead.port()));
}

TEST(ClientLimits, StopABodyThatIsTooLarge) {
  const TestServer server;
  const ClientOptions options{.max_body_bytes = 1000};
  EXPECT_THAT(get(url_of(server, "/large"), options),
              FailsWith(ErrorCode::kReplyTooLarge, "has 8388608 bytes, at most 1000"));
  const ScriptedServer unannounced(
      [](Peer& peer) { peer.answer("HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x')); });
  EXPECT_THAT(get(unannounced.url(), options),
              FailsWith(ErrorCode::kReplyTooLarge, "at most 1000 are expected"));
  const ScriptedServer fitting(
      [](Peer& peer) { peer.answer(reply_text("200 OK", "", std::string(1000, 'x'))); });
  const auto reply = get(fitting.url(), options);
  ASSERT_TRUE(reply) << reply.error().summary();
  EXPECT_EQ(reply->body.size(), 1000U);
}

TEST(ClientLimits, StopAHeaderThatIsTooLarge) {
  const ClientOptions options{.max_header_bytes = 1000};
  const ScriptedServer one([](Peer& peer) {
    peer.answer("HTTP/1.1 200 OK\r\nX: " + std::string(2000, 'x') + "\r\n\r\n");
  });
  EXPECT_THAT(get(one.url(), options),
              FailsWith(ErrorCode::kReplyTooLarge, "header of the reply of 127.0.0.1"));
  const ScriptedServer many([](Peer& peer) {
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100; ++i) peer.send("X-Many: 0123456789\r\n");
    peer.wait_for_end();
  });
  EXPECT_THAT(get(many.url(), options), FailsWith(ErrorCode::kReplyTooLarge, "more than 1000"));
}

TEST(ClientRedirects, AreFollowedAndBounded) {
  const ScriptedServer server([](Peer& peer) {
    const std::string head = peer.read_head();
    if (head.starts_with("GET /old")) {
      peer.send(reply_text("302 Found", "Location: /new\r\nConnection: close\r\n", "moved"));
    } else if (head.starts_with("GET /new")) {
      peer.send(reply_text("200 OK", "Connection: close\r\n", "here"));
    } else {
      peer.send(reply_text("307 Again", "Location: /loop\r\nConnection: close\r\n", ""));
    }
  });
  Timings timings;
  const auto reply = get(server.url("http", "/old"), {}, &timings);
  ASSERT_TRUE(reply) << reply.error().summary();
  EXPECT_EQ(text_of(*reply), "here");
  EXPECT_EQ(reply->url, server.url("http", "/new"));
  EXPECT_TRUE(timings.done);
  EXPECT_THAT(get(server.url("http", "/loop")),
              FailsWith(ErrorCode::kRedirectRefused, "that is redirect 4, at most 3"));
  EXPECT_THAT(get(server.url("http", "/old"), {.max_redirects = 0}),
              FailsWith(ErrorCode::kRedirectRefused, "/new"));
}

TEST(ClientRedirects, LeadNowhereElse) {
  for (const auto& [target, part] : std::vector<std::pair<std::string, std::string>>{
           {"ftp://127.0.0.1/a", "only http and https"},
           {"file:///etc/passwd", "only http and https"},
           {"http://user:secret@127.0.0.1/", "user name"}}) {
    const ScriptedServer server([&](Peer& peer) {
      peer.answer(reply_text("301 Moved", base::text("Location: ", target, "\r\n"), ""));
    });
    const auto reply = get(server.url());
    EXPECT_THAT(reply, FailsWith(ErrorCode::kRedirectRefused, part)) << target;
    ASSERT_FALSE(reply);
    EXPECT_THAT(reply.error().summary(), Not(HasSubstr("secret")));
  }
}

TEST(ClientRedirects, DoNotMakeOneRequestAnother) {
  const ScriptedServer server(
      [](Peer& peer) { peer.answer(reply_text("303 See Other", "Location: /else\r\n", "")); });
  EXPECT_THAT(client_of()->send({.method = "POST", .url = server.url()}),
              FailsWith(ErrorCode::kRedirectRefused, "a POST would become a GET"));
}

TEST(ClientRedirects, DoNotCarryKeysToAnotherService) {
  std::string head;
  {
    const ScriptedServer other([&](Peer& peer) {
      head = peer.read_head();
      peer.send(reply_text("200 OK", "", ""));
    });
    const ScriptedServer first([&](Peer& peer) {
      peer.answer(reply_text("302 Found", base::text("Location: ", other.url(), "\r\n"), ""));
    });
    const auto reply = client_of()->send(
        {.url = first.url(),
         .headers = {{"Ocp-Apim-Subscription-Key", "secret"}, {"Accept", "text/plain"}}});
    ASSERT_TRUE(reply) << reply.error().summary();
  }
  EXPECT_THAT(head, HasSubstr("Accept: text/plain"));
  EXPECT_THAT(head, Not(HasSubstr("secret")));
}

TEST(ClientUrls, AreRefusedBeforeAnythingIsSent) {
  for (const auto& [url, part] : std::vector<std::pair<std::string, std::string>>{
           {"", ""},
           {"localhost", ""},
           {"ftp://localhost/", "only http and https"},
           {"file:///etc/passwd", "only http and https"},
           {"http://", ""},
           {"http://a b/", ""},
           {"http://localhost:99999/", ""},
           {"https://user@localhost/", "user name"},
           {"http://localhost/" + std::string(9000, 'x'), "at most 8192"}}) {
    EXPECT_THAT(get(url), FailsWith(ErrorCode::kUrlInvalid, part)) << url;
  }
  const auto secret = get("http://user:hunter2@localhost:99999/");
  ASSERT_FALSE(secret);
  EXPECT_THAT(secret.error().summary(), Not(HasSubstr("hunter2")));
}

TEST(ClientHeaders, CannotEndTheirLine) {
  for (const Header& bad : {Header{"X", "a\r\nY: b"}, Header{"X\n", "a"}, Header{"", "a"},
                            Header{"X:Y", "a"}, Header{"X", std::string("a\0b", 3)}}) {
    const auto reply = client_of()->send({.url = "http://127.0.0.1:1/", .headers = {bad}});
    EXPECT_THAT(reply, FailsWith(ErrorCode::kInvalidArgument, "request header"));
  }
}

TEST(ClientFailures, NameTheHostThatIsNotFound) {
  EXPECT_THAT(get("http://pccs.invalid:8081/"),
              FailsWith(ErrorCode::kHostNotFound, "'pccs.invalid'"));
}

TEST(ClientFailures, NameThePortThatRefuses) {
  const DeadPort dead;
  EXPECT_THAT(get(base::text("http://127.0.0.1:", dead.port(), "/")),
              FailsWith(ErrorCode::kEndpointRefused,
                        base::text("127.0.0.1:", dead.port(), ": Connection refused")));
}

TEST(ClientFailures, EndAWaitForAReply) {
  const ScriptedServer silent([](Peer& peer) { peer.wait_for_end(); });
  const ScriptedServer halting([](Peer& peer) {
    peer.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    peer.wait_for_end();
  });
  const auto client = client_of(impatient(kPlenty));
  auto half = std::async(std::launch::async, [&] { return client->send({.url = halting.url()}); });
  Timings timings;
  EXPECT_THAT(client->send({.url = silent.url()}, &timings),
              FailsWith(ErrorCode::kTransferTimeout, "no reply came within 2000 ms"));
  EXPECT_TRUE(timings.connected);
  EXPECT_FALSE(timings.answered || timings.done);
  EXPECT_THAT(half.get(),
              FailsWith(ErrorCode::kTransferTimeout, "not whole within 2000 ms, 4 bytes came"));
}

TEST(ClientFailures, CountRedirectsInTheDeadline) {
  const ScriptedServer slow([](Peer& peer) {
    peer.read_head();
    std::this_thread::sleep_for(milliseconds(40));
    peer.send(reply_text("302 Found", "Location: /again\r\nConnection: close\r\n", ""));
  });
  ClientOptions options = impatient(milliseconds(300));
  options.max_redirects = 1'000'000;
  EXPECT_THAT(get(slow.url(), options), FailsWith(ErrorCode::kTransferTimeout, "127.0.0.1"));
}

TEST(ClientFailures, NoticeAConnectionThatBreaks) {
  const ScriptedServer resetting([](Peer& peer) {
    peer.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    peer.reset();
  });
  EXPECT_THAT(get(resetting.url()), FailsWith(ErrorCode::kTransferBroken, "127.0.0.1"));
  const ScriptedServer ending(
      [](Peer& peer) { peer.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"); });
  EXPECT_THAT(get(ending.url()),
              FailsWith(ErrorCode::kTransferBroken, "after 4 bytes of the reply's body"));
  const ScriptedServer mute([](Peer& peer) { peer.read_head(); });
  EXPECT_THAT(get(mute.url()), FailsWith(ErrorCode::kTransferBroken, "before a reply"));
  const ScriptedServer chunked([](Peer& peer) {
    peer.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  });
  EXPECT_THAT(get(chunked.url()), FailsWith(ErrorCode::kTransferBroken, "127.0.0.1"));
}

TEST(ClientFailures, NoticeWhatIsNotHttp) {
  for (const std::string_view said : {"SSH-2.0-OpenSSH_9.2\r\n", "\x15\x03\x01\x00\x02\x02\x46"}) {
    const ScriptedServer other([&](Peer& peer) { peer.answer(said); });
    EXPECT_THAT(get(other.url()), FailsWith(ErrorCode::kTransferBroken, "no HTTP reply"));
  }
}

TEST(ClientProxies, ThatRefuseAreNamed) {
  const ScriptedServer proxy([](Peer& peer) { peer.answer(reply_text("403 Forbidden", "", "")); });
  const ClientOptions options{.proxy = proxy.url()};
  Timings timings;
  EXPECT_THAT(get("https://pccs.invalid:8081/", options, &timings),
              FailsWith(ErrorCode::kProxyFailed,
                        base::text("127.0.0.1:", proxy.port(),
                                   " answered 403 when asked for pccs.invalid:8081")));
  EXPECT_FALSE(timings.secured);
  const ScriptedServer closed(
      [](Peer& peer) { peer.answer(reply_text("407 Proxy Authentication Required", "", "")); });
  EXPECT_THAT(get("http://pccs.invalid/", {.proxy = closed.url()}),
              FailsWith(ErrorCode::kProxyFailed, "a user name and a password"));
  EXPECT_THAT(get("https://pccs.invalid/", {.proxy = closed.url()}),
              FailsWith(ErrorCode::kProxyFailed, "answered 407"));
  const ScriptedServer no_proxy([](Peer& peer) { peer.answer("hello\r\n"); });
  EXPECT_THAT(get("https://pccs.invalid/", {.proxy = no_proxy.url()}),
              FailsWith(ErrorCode::kProxyFailed, "pccs.invalid:443"));
}

TEST(ClientProxies, ThatHangAreNamed) {
  const ScriptedServer silent([](Peer& peer) { peer.wait_for_end(); });
  ClientOptions options = impatient(kPlenty);
  options.proxy = silent.url();
  Timings timings;
  EXPECT_THAT(get("https://pccs.invalid/", options, &timings),
              FailsWith(ErrorCode::kTransferTimeout, "the proxy did not answer within 2000 ms"));
  EXPECT_TRUE(timings.connected);
  EXPECT_FALSE(timings.secured);
}

TEST(ClientProxies, ThatAreNotThereAreNamed) {
  const DeadPort dead;
  const std::string proxy = base::text("http://127.0.0.1:", dead.port());
  for (const std::string url : {"http://pccs.invalid/", "https://127.0.0.1/"}) {
    EXPECT_THAT(
        get(url, {.proxy = proxy}),
        FailsWith(ErrorCode::kProxyFailed, base::text("the proxy at 127.0.0.1:", dead.port())));
  }
  // Another host on the same port as the proxy's.
  EXPECT_THAT(get(base::text("http://pccs.invalid:", dead.port()), {.proxy = proxy}),
              FailsWith(ErrorCode::kProxyFailed, "Connection refused"));
  EXPECT_THAT(get("http://127.0.0.1/", {.proxy = "http://proxy.invalid:3128"}),
              FailsWith(ErrorCode::kProxyFailed, "proxy.invalid"));
  EXPECT_THAT(get("http://127.0.0.1/", {.proxy = "gopher://127.0.0.1:1"}),
              FailsWith(ErrorCode::kProxyFailed, "the proxy"));
}

TEST(ClientProxies, ForwardPlainRequests) {
  std::string head;
  {
    const ScriptedServer proxy([&](Peer& peer) {
      head = peer.read_head();
      peer.send(reply_text("200 OK", "", "forwarded"));
    });
    const auto reply = get("http://pccs.invalid/x", {.proxy = proxy.url()});
    ASSERT_TRUE(reply) << reply.error().summary();
    EXPECT_EQ(text_of(*reply), "forwarded");
  }
  EXPECT_THAT(head, ::testing::StartsWith("GET http://pccs.invalid/x HTTP/1.1\r\n"));
}

TEST(Client, ServesManyThreads) {
  const TestServer server;
  const auto client = client_of();
  constexpr int kThreads = 8;
  constexpr int kRequests = 25;
  std::atomic<int> good{0};
  std::barrier start(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        for (int n = 0; n < kRequests; ++n) {
          const std::string body = base::text(i, ':', n);
          const auto reply = client->send({.method = "POST",
                                           .url = url_of(server, "/echo"),
                                           .body = base::to_bytes(base::as_bytes(body))});
          if (reply && text_of(*reply) == body) ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, kThreads * kRequests);
  EXPECT_LE(server.counts.opened, kThreads) << "connections are used again";
}

TEST(Client, GoesOnAfterAFailure) {
  const TestServer server;
  const DeadPort dead;
  const auto client = client_of();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(client->send({.url = base::text("http://127.0.0.1:", dead.port(), "/")}));
    EXPECT_TRUE(client->send({.url = url_of(server, "/light")}));
  }
}

TEST(MakeClient, ChecksTheCaFile) {
  const test::TempDir dir;
  EXPECT_EQ(make_client({.ca_file = dir / "absent"}).error().code(), ErrorCode::kFileUnreadable);
  ASSERT_TRUE(base::write_file(dir / "empty", base::as_bytes("no certificate"), 0600));
  const auto refused = make_client({.ca_file = dir / "empty"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kCryptoFailure);
  EXPECT_THAT(refused.error().message(), HasSubstr("no certificate in PEM form"));
}

}  // namespace
}  // namespace quoted::http
