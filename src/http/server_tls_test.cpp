// The server behind TLS: the same answers and limits, and nothing that waits for a handshake.
#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <thread>

#include "base/clock.h"
#include "base/file.h"
#include "crypto/server_identity.h"
#include "http/testing/client_support.h"
#include "http/testing/test_server.h"
#include "test_support/temp_dir.h"

namespace quoted::http {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
using testing::client_of;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::RawClient;
using testing::request_text;
using testing::TestServer;

TlsIdentity new_identity() {
  const auto now = base::SystemClock().now();
  auto made = crypto::make_simulated_server_identity({}, now - std::chrono::hours(1),
                                                     now + std::chrono::hours(1));
  if (!made) throw std::runtime_error(made.error().summary());
  return {.certificate_chain_pem = made->certificate_pem, .private_key_pem = made->key_pem};
}

ServerOptions secured(ServerOptions options = {}) {
  options.tls = new_identity();
  return options;
}

struct TlsServer {
  explicit TlsServer(ServerOptions options = {})
      : options_(secured(std::move(options))), server(options_) {
    const auto written =
        base::write_file(dir / "ca.pem", base::as_bytes(options_.tls->certificate_chain_pem), 0600);
    if (!written) throw std::runtime_error(written.error().summary());
  }
  [[nodiscard]] std::string url(std::string_view path) const {
    return base::text("https://", to_text(server.endpoint()), path);
  }
  [[nodiscard]] ClientOptions trust() const {
    ClientOptions out;
    out.ca_file = dir / "ca.pem";
    out.max_body_bytes = std::size_t{16} << 20U;
    return out;
  }
  [[nodiscard]] base::Result<ClientReply> get(std::string_view path) const {
    return testing::get(url(path), trust());
  }

  test::TempDir dir;
  ServerOptions options_;
  TestServer server;
};

// A TLS client that shows what the protocol itself says.
class TlsTalk {
 public:
  TlsTalk(const Endpoint& endpoint, const std::function<void(SSL_CTX*)>& prepare = {}) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(std::get<TcpEndpoint>(endpoint).port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect");
    }
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (prepare) prepare(context_.get());
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd_.get());
    connected_ = SSL_connect(ssl_.get()) == 1;
    if (!connected_) {
      const char* const reason = ERR_reason_error_string(ERR_get_error());
      reason_ = reason == nullptr ? "" : reason;
    }
    ERR_clear_error();
  }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] std::string version() const { return SSL_get_version(ssl_.get()); }
  [[nodiscard]] SSL* ssl() { return ssl_.get(); }

  void send(std::string_view bytes) {
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  // All until the server says that this is all; none when the connection ends otherwise.
  std::optional<std::string> read_to_proper_end() {
    std::string out;
    std::array<char, 4096> chunk{};
    while (true) {
      const int got = SSL_read(ssl_.get(), chunk.data(), chunk.size());
      if (got > 0) {
        out.append(chunk.data(), static_cast<std::size_t>(got));
        continue;
      }
      if (SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN) return out;
      return std::nullopt;
    }
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  base::UniqueFd fd_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
  bool connected_ = false;
  std::string reason_;
};

TEST(TlsServer, AnswersAsWithout) {
  const TlsServer one;
  const auto light = one.get("/light");
  ASSERT_TRUE(light) << light.error().summary();
  EXPECT_EQ(base::as_text(light->body), "light");
  const auto missing = one.get("/nothing");
  ASSERT_TRUE(missing) << missing.error().summary();
  EXPECT_EQ(missing->status, 404U);
  const auto large = one.get("/large");
  ASSERT_TRUE(large) << large.error().summary();
  EXPECT_EQ(large->body, base::Bytes(std::size_t{8} << 20U, std::byte{'x'}));
}

TEST(TlsServer, TakesLargeBodiesAndHoldsTheSameLimits) {
  const TlsServer one;
  const auto client = client_of(one.trust());
  base::Bytes body(std::size_t{1} << 20U, std::byte{'a'});
  const auto echoed =
      client->send({.method = "POST", .url = one.url("/echo"), .headers = {}, .body = body});
  ASSERT_TRUE(echoed) << echoed.error().summary();
  EXPECT_EQ(echoed->body, body);
  body.push_back(std::byte{'b'});
  const auto refused =
      client->send({.method = "POST", .url = one.url("/echo"), .headers = {}, .body = body});
  ASSERT_TRUE(refused) << refused.error().summary();
  EXPECT_EQ(refused->status, 413U);
}

TEST(TlsServer, KeepsConnectionsForFurtherRequests) {
  const TlsServer one;
  const auto client = client_of(one.trust());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(client->send({.url = one.url("/light")}));
  EXPECT_EQ(one.server.counts.opened, 1);
}

TEST(TlsServer, SaysWhereItsWordsEnd) {
  const TlsServer one;
  TlsTalk talk(one.server.endpoint());
  ASSERT_TRUE(talk.connected()) << talk.reason();
  talk.send(request_text("GET", "/light", "Connection: close\r\n"));
  const auto all = talk.read_to_proper_end();
  ASSERT_TRUE(all);
  EXPECT_THAT(*all, ::testing::EndsWith("\r\n\r\nlight"));
}

TEST(TlsServer, TakesABodyInManyPiecesAndStopsInTheMiddle) {
  const TlsServer one;
  TlsTalk talk(one.server.endpoint());
  ASSERT_TRUE(talk.connected()) << talk.reason();
  const std::string request = request_text("POST", "/echo", "Connection: close\r\n", "abc");
  for (const char c : request) talk.send({&c, 1});
  const auto all = talk.read_to_proper_end();
  ASSERT_TRUE(all);
  EXPECT_THAT(*all, ::testing::EndsWith("abc"));
}

TEST(TlsServer, SpeaksNothingOlderThan12) {
  const TlsServer one;
  const auto with_version = [](int version) {
    return [version](SSL_CTX* context) {
      SSL_CTX_set_security_level(context, 0);
      SSL_CTX_set_min_proto_version(context, version);
      SSL_CTX_set_max_proto_version(context, version);
    };
  };
  EXPECT_FALSE(TlsTalk(one.server.endpoint(), with_version(TLS1_1_VERSION)).connected());
  TlsTalk old(one.server.endpoint(), with_version(TLS1_2_VERSION));
  EXPECT_EQ(old.version(), "TLSv1.2");
  old.send(request_text("GET", "/light", "Connection: close\r\n"));
  EXPECT_TRUE(old.read_to_proper_end());
  TlsTalk recent(one.server.endpoint());
  EXPECT_EQ(recent.version(), "TLSv1.3");
}

TEST(TlsServer, ChoosesHttp11OrRefuses) {
  const TlsServer one;
  const auto offering = [](const std::string& protocols) {
    return [protocols](SSL_CTX* context) {
      SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(protocols.data()),
                              static_cast<unsigned>(protocols.size()));
    };
  };
  TlsTalk both(one.server.endpoint(), offering("\x02h2\x08http/1.1"));
  ASSERT_TRUE(both.connected()) << both.reason();
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(both.ssl(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  const TlsTalk other(one.server.endpoint(), offering("\x02h2"));
  EXPECT_FALSE(other.connected());
  EXPECT_THAT(other.reason(), HasSubstr("no application protocol"));
}

TEST(TlsServer, DoesNotRenegotiate) {
  const TlsServer one;
  TlsTalk talk(one.server.endpoint(),
               [](SSL_CTX* context) { SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION); });
  ASSERT_TRUE(talk.connected());
  EXPECT_TRUE(SSL_renegotiate(talk.ssl()) != 1 || SSL_do_handshake(talk.ssl()) != 1);
  ERR_clear_error();
}

TEST(TlsServer, LeavesUnixSocketsPlain) {
  const test::TempDir dir;
  ServerOptions options = secured();
  options.endpoints = {UnixEndpoint{.path = dir / "http.sock"}};
  const TestServer server(std::move(options));
  EXPECT_EQ(server.ask(request_text("GET", "/light")).status, 200);
}

TEST(TlsServerHostile, EndsAHandshakeThatStalls) {
  ServerOptions options;
  options.deadlines.header = milliseconds(100);
  const TlsServer one(std::move(options));
  RawClient silent = one.server.connect();
  RawClient half = one.server.connect();
  half.send(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(silent.reaches_end());
  EXPECT_TRUE(half.reaches_end());
  EXPECT_EQ(one.server.counts.of(Rejection::kTimeout), 2);
}

TEST(TlsServerHostile, CountsTheHandshakeInTheHeadersDeadline) {
  ServerOptions options;
  options.deadlines.header = milliseconds(2000);
  options.deadlines.idle = std::chrono::minutes(5);
  const TlsServer one(std::move(options));
  TlsTalk talk(one.server.endpoint());
  ASSERT_TRUE(talk.connected()) << talk.reason();
  EXPECT_TRUE(talk.read_to_proper_end());
}

TEST(TlsServerHostile, RefusesWhatIsNoHandshake) {
  const TlsServer one;
  int refused = 0;
  for (const std::string& garbage :
       {request_text("GET", "/light"), std::string(100'000, '\xFF'), std::string(3, '\0') + "abcde",
        std::string("\x16\x03\x01\xFF\xFF", 5) + std::string(100, 'x')}) {
    RawClient client = one.server.connect();
    client.send(garbage);
    client.half_close();
    EXPECT_TRUE(client.reaches_end());
    ++refused;
  }
  EXPECT_EQ(one.server.counts.of(Rejection::kMalformed), refused);
  EXPECT_TRUE(one.get("/light"));
  EXPECT_EQ(one.server.counts.failures, 0);
}

TEST(TlsServerHostile, EndsAConnectionWithGarbageAfterTheHandshake) {
  const TlsServer one;
  TlsTalk talk(one.server.endpoint());
  ASSERT_TRUE(talk.connected());
  const std::string garbage("\x17\x03\x03\x00\x20 this is no record that it can read", 40);
  ::send(SSL_get_fd(talk.ssl()), garbage.data(), garbage.size(), MSG_NOSIGNAL);
  EXPECT_FALSE(talk.read_to_proper_end());
  EXPECT_TRUE(one.get("/light"));
}

TEST(TlsServerHostile, TurnsAwayWithoutAHandshake) {
  ServerOptions options;
  options.limits.max_connections = 1;
  TlsServer one(std::move(options));
  TlsTalk busy(one.server.endpoint());
  busy.send(request_text("POST", "/gate", "", "x"));
  ASSERT_TRUE(one.server.gate.wait_for(1));
  EXPECT_EQ(one.server.connect().read_to_end(), "");
  EXPECT_EQ(one.server.counts.of(Rejection::kConnectionLimit), 1);
}

TEST(TlsServerHostile, StopsThoughHandshakesStall) {
  ServerOptions options;
  options.deadlines.drain = milliseconds(100);
  TlsServer one(std::move(options));
  RawClient silent = one.server.connect();
  RawClient half = one.server.connect();
  half.send(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
  TlsTalk done(one.server.endpoint());
  EXPECT_TRUE(done.connected());
  one.server.server->stop();
  EXPECT_TRUE(silent.reaches_end());
  EXPECT_TRUE(half.reaches_end());
  EXPECT_EQ(one.server.counts.opened, one.server.counts.closed);
}

TEST(TlsServer, ServesManyClients) {
  const TlsServer one;
  constexpr int kThreads = 8;
  constexpr int kRequests = 10;
  std::atomic<int> good{0};
  const auto client = client_of(one.trust());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        for (int n = 0; n < kRequests; ++n) {
          const std::string body = base::text(i, ':', n);
          const auto reply = client->send({.method = "POST",
                                           .url = one.url("/echo"),
                                           .headers = {},
                                           .body = base::to_bytes(base::as_bytes(body))});
          if (reply && base::as_text(reply->body) == body) ++good;
        }
      });
    }
  }
  EXPECT_EQ(good, kThreads * kRequests);
}

TEST(TlsIdentities, AreCheckedBeforeTheServerStarts) {
  testing::Counts counts;
  const auto code_for = [&](const TlsIdentity& identity) -> std::optional<ErrorCode> {
    ServerOptions options;
    options.endpoints = {TcpEndpoint{}};
    options.tls = identity;
    const auto server = Server::start(std::move(options), Router(), counts);
    if (server) return std::nullopt;
    return server.error().code();
  };
  const TlsIdentity good = new_identity();
  const TlsIdentity other = new_identity();
  EXPECT_EQ(code_for(good), std::nullopt);
  EXPECT_EQ(code_for({"", good.private_key_pem}), ErrorCode::kBadCertificate);
  EXPECT_EQ(code_for({"nonsense", good.private_key_pem}), ErrorCode::kBadCertificate);
  EXPECT_EQ(code_for({good.certificate_chain_pem, ""}), ErrorCode::kBadKey);
  EXPECT_EQ(code_for({good.certificate_chain_pem, other.private_key_pem}), ErrorCode::kBadKey);
  EXPECT_EQ(
      code_for({good.certificate_chain_pem + other.certificate_chain_pem, good.private_key_pem}),
      std::nullopt);
  EXPECT_EQ(code_for({good.certificate_chain_pem +
                          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                      good.private_key_pem}),
            ErrorCode::kBadCertificate);
}

TEST(TlsIdentities, ComeOutOfFiles) {
  const test::TempDir dir;
  const TlsIdentity good = new_identity();
  ASSERT_TRUE(base::write_file(dir / "c", base::as_bytes(good.certificate_chain_pem), 0600));
  ASSERT_TRUE(base::write_file(dir / "k", base::as_bytes(good.private_key_pem), 0600));
  const auto read = read_tls_identity(dir / "c", dir / "k");
  ASSERT_TRUE(read) << read.error().summary();
  EXPECT_EQ(read->certificate_chain_pem, good.certificate_chain_pem);
  EXPECT_EQ(read->private_key_pem, good.private_key_pem);
  EXPECT_EQ(read_tls_identity(dir / "c", dir / "absent").error().code(),
            ErrorCode::kFileUnreadable);
}

}  // namespace
}  // namespace quoted::http
