// The client against TLS servers that it may or may not believe.
#include <gmock/gmock.h>

#include "base/file.h"
#include "http/client.h"
#include "http/testing/client_support.h"
#include "http/testing/scripted_server.h"
#include "test_support/temp_dir.h"

namespace quoted::http {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
using testing::FailsWith;
using testing::get;
using ::testing::HasSubstr;
using testing::Peer;
using testing::reply_text;
using testing::ScriptedServer;

crypto::ServerIdentity identity(const std::vector<std::string>& names = {},
                                std::chrono::hours until = std::chrono::hours(1)) {
  const auto now = base::SystemClock().now();
  return crypto::make_simulated_server_identity(names, now - std::chrono::hours(2), now + until)
      .value();
}

const auto kHello = [](Peer& peer) { peer.answer(reply_text("200 OK", "", "hello")); };

struct TrustedServer {
  explicit TrustedServer(const crypto::ServerIdentity& who = identity(),
                         ScriptedServer::Script script = kHello)
      : server(std::move(script), &who) {
    const auto written = base::write_file(ca_file(), base::as_bytes(who.certificate_pem), 0600);
    if (!written) throw std::runtime_error(written.error().summary());
  }
  [[nodiscard]] std::filesystem::path ca_file() const { return dir / "ca.pem"; }

  test::TempDir dir;
  ScriptedServer server;
};

TEST(ClientTls, BelievesTheCaItIsGiven) {
  const TrustedServer one;
  for (const std::string_view host : {"127.0.0.1", "localhost"}) {
    Timings timings;
    const auto reply =
        get(one.server.url("https", "/", host), {.ca_file = one.ca_file()}, &timings);
    ASSERT_TRUE(reply) << reply.error().summary();
    EXPECT_EQ(base::as_text(reply->body), "hello");
    ASSERT_TRUE(timings.connected && timings.secured && timings.answered);
    EXPECT_LE(*timings.connected, *timings.secured);
    EXPECT_LE(*timings.secured, *timings.answered);
  }
}

TEST(ClientTls, DoesNotBelieveOthers) {
  const TrustedServer one;
  const TrustedServer other;
  Timings timings;
  EXPECT_THAT(get(one.server.url("https"), {}, &timings),
              FailsWith(ErrorCode::kTlsNotTrusted, "self-signed certificate; it is self-signed"));
  EXPECT_TRUE(timings.connected);
  EXPECT_FALSE(timings.answered);
  EXPECT_THAT(get(one.server.url("https"), {.ca_file = other.ca_file()}),
              FailsWith(ErrorCode::kTlsNotTrusted, "self-signed"));
}

TEST(ClientTls, WantsTheNameItAskedFor) {
  const TrustedServer one;
  EXPECT_THAT(get(one.server.url("https", "/", "127.0.0.2"), {.ca_file = one.ca_file()}),
              FailsWith(ErrorCode::kTlsNotTrusted, "127.0.0.2"));
  const TrustedServer named(identity({"127.0.0.2"}));
  EXPECT_TRUE(get(named.server.url("https", "/", "127.0.0.2"), {.ca_file = named.ca_file()}));
}

TEST(ClientTls, NoticesAnExpiredCertificate) {
  const TrustedServer expired(identity({}, -std::chrono::hours(1)));
  EXPECT_THAT(get(expired.server.url("https"), {.ca_file = expired.ca_file()}),
              FailsWith(ErrorCode::kTlsNotTrusted, "certificate has expired"));
}

TEST(ClientTls, GivesUpTheCheckWhenTold) {
  const TrustedServer expired(identity({}, -std::chrono::hours(1)));
  const auto reply = get(expired.server.url("https", "/", "127.0.0.2"), {.verify_tls = false});
  ASSERT_TRUE(reply) << reply.error().summary();
  EXPECT_EQ(reply->status, 200U);
}

TEST(ClientTls, NoticesPlainHttp) {
  const ScriptedServer plain([](Peer& peer) {
    peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });
  EXPECT_THAT(get(plain.url("https")), FailsWith(ErrorCode::kTlsFailed, "127.0.0.1"));
}

TEST(ClientTls, NoticesAHandshakeThatEnds) {
  const ScriptedServer closing([](Peer& peer) { peer.wait_for_begin(); });
  EXPECT_THAT(get(closing.url("https")), FailsWith(ErrorCode::kTlsFailed, "TLS handshake"));
  const ScriptedServer resetting([](Peer& peer) {
    peer.wait_for_begin();
    peer.reset();
  });
  EXPECT_THAT(get(resetting.url("https")), FailsWith(ErrorCode::kTlsFailed, "TLS handshake"));
}

TEST(ClientTls, EndsAHandshakeThatHangs) {
  const ScriptedServer silent([](Peer& peer) { peer.wait_for_end(); });
  const ClientOptions options{.connect_deadline = milliseconds(2000)};
  Timings timings;
  EXPECT_THAT(get(silent.url("https"), options, &timings),
              FailsWith(ErrorCode::kTransferTimeout, "the TLS handshake took longer than 2000 ms"));
  EXPECT_TRUE(timings.connected);
  EXPECT_FALSE(timings.secured);
}

TEST(ClientTls, IsNeverLeftByARedirect) {
  const ScriptedServer plain(kHello);
  const TrustedServer secure(identity(), [&](Peer& peer) {
    peer.answer(reply_text("302 Found", base::text("Location: ", plain.url(), "\r\n"), ""));
  });
  EXPECT_THAT(get(secure.server.url("https"), {.ca_file = secure.ca_file()}),
              FailsWith(ErrorCode::kRedirectRefused, "from https to http"));
}

TEST(ClientTls, MayBeBegunByARedirect) {
  const TrustedServer secure;
  const ScriptedServer plain([&](Peer& peer) {
    peer.answer(
        reply_text("301 Moved", base::text("Location: ", secure.server.url("https"), "\r\n"), ""));
  });
  const auto reply = get(plain.url(), {.ca_file = secure.ca_file()});
  ASSERT_TRUE(reply) << reply.error().summary();
  EXPECT_EQ(reply->url, secure.server.url("https"));
}

}  // namespace
}  // namespace quoted::http
