// The probe against services on the loopback address, one for each step that can fail.
#include "certification/probe.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "http/percent.h"
#include "certification/testing/test_world.h"
#include "crypto/server_identity.h"
#include "http/server.h"
#include "http/testing/client_support.h"
#include "http/testing/scripted_server.h"
#include "test_support/temp_dir.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using http::Response;
using http::testing::DeadPort;
using http::testing::Peer;
using http::testing::reply_text;
using http::testing::ScriptedServer;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::kNow;
using testing::TestWorld;

constexpr std::string_view kV4 = "/sgx/certification/v4/";

enum class Dialect : std::uint8_t { kPcs, kPccs };

// A certification service of the world, whose answers a test may change by their path.
class WorldService {
 public:
  WorldService(const TestWorld& world, Dialect dialect,
               std::map<std::string, Response> changed = {},
               std::optional<http::TlsIdentity> identity = std::nullopt) {
    std::map<std::string, Response> answers = {
        {"tcb", document(world.document(world.tcb_info()), "TCB-Info-Issuer-Chain")},
        {"qe/identity",
         document(world.document(world.qe_identity()), "SGX-Enclave-Identity-Issuer-Chain")},
        {"pckcrl", document(world.document(world.pck_crl()), "SGX-PCK-CRL-Issuer-Chain")},
        {"rootcacrl", document(world.document(world.root_crl()), "")}};
    if (dialect == Dialect::kPccs) {
      for (const char* const crl : {"pckcrl", "rootcacrl"}) {
        answers[crl].body = base::to_hex(base::as_bytes(answers[crl].body));
      }
    } else {
      // Where the root certificate says, but on this host.
      const std::string url = world.root_crl().url;
      add(url.substr(url.find('/', url.find("//") + 2)), answers["rootcacrl"]);
    }
    for (auto& [path, response] : changed) answers[path] = std::move(response);
    for (const auto& [path, response] : answers) add(std::string(kV4) + path, response);
    http::ServerOptions options;
    options.endpoints = {http::TcpEndpoint{}};
    options.threads = 1;
    options.tls = std::move(identity);
    server_ = http::Server::start(std::move(options), router_, observer_).value();
  }

  [[nodiscard]] std::string url(std::string_view scheme = "http") const {
    return base::text(scheme, "://", http::to_text(server_->endpoints().front()));
  }

 private:
  static Response document(const Document& content, const std::string& header) {
    Response out;
    out.body = std::string(base::as_text(content.body));
    if (!header.empty()) out.headers = {{header, http::percent_encoded(content.issuer_chain_pem)}};
    return out;
  }
  void add(const std::string& path, const Response& response) {
    router_.add({.method = "GET", .path = path, .handler = [response](const http::Request&) {
                   return response;
                 }});
  }

  http::Router router_;
  http::ServerObserver observer_;
  std::unique_ptr<http::Server> server_;
};

class Probing : public ::testing::Test {
 protected:
  Probing() { http::testing::forget_proxies(); }

  [[nodiscard]] ProbeOptions options(SourceKind kind, const std::string& url) const {
    ProbeOptions out;
    SourceSettings source;
    source.kind = kind;
    source.url = ServiceUrl::parse(url).value();
    out.settings.sources.push_back(std::move(source));
    out.settings.total_deadline.value = milliseconds(1000);
    out.settings.connect_deadline.value = milliseconds(1000);
    out.fmspc = world.fmspc();
    out.roots = world.roots();
    return out;
  }

  static ProbeReport report(const ProbeOptions& options) {
    auto out = probe(options, kNow);
    if (!out) throw std::runtime_error(out.error().summary());
    return *std::move(out);
  }
  [[nodiscard]] ProbeReport report(SourceKind kind, const std::string& url) const {
    return report(options(kind, url));
  }

  // What a service is that answers one path otherwise.
  [[nodiscard]] ProbeReport with_answer(const std::string& path, Response response) const {
    const WorldService service(world, Dialect::kPccs, {{path, std::move(response)}});
    return report(SourceKind::kPccs, service.url());
  }

  static void expect(const ProbeReport& seen, ProbeStep step, ErrorCode code) {
    const ProbeFailure* const first = seen.first_failure();
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(probe_step_name(first->step), probe_step_name(step)) << first->error.summary();
    EXPECT_EQ(first->error.code(), code) << first->error.summary();
  }

  TestWorld world;
};

http::TlsIdentity new_identity() {
  const auto now = base::SystemClock().now();
  auto made = crypto::make_simulated_server_identity({}, now - std::chrono::hours(1),
                                                     now + std::chrono::hours(1))
                  .value();
  return {.certificate_chain_pem = made.certificate_pem, .private_key_pem = made.key_pem};
}

TEST_F(Probing, FindsNothingWrongWithAGoodService) {
  for (const auto& [dialect, kind] :
       {std::pair{Dialect::kPcs, SourceKind::kPcs}, std::pair{Dialect::kPccs, SourceKind::kPccs}}) {
    const WorldService service(world, dialect);
    const ProbeReport seen = report(kind, service.url());
    EXPECT_EQ(seen.first_failure(), nullptr) << seen.first_failure()->error.summary();
    ASSERT_EQ(seen.documents.size(), 3U);
    for (const ProbedDocument& one : seen.documents) {
      EXPECT_TRUE(one.good()) << one.what;
      EXPECT_GT(*one.valid_until, kNow);
      ASSERT_FALSE(one.requests.empty());
      const ProbedRequest& request = one.requests.back();
      EXPECT_EQ(request.status, 200U);
      EXPECT_GT(request.body_bytes, 0U);
      EXPECT_TRUE(request.timings.resolved && request.timings.connected &&
                  request.timings.answered && request.timings.done);
    }
    EXPECT_THAT(seen.remarks, ::testing::IsEmpty());
    EXPECT_THAT(seen.source, HasSubstr(service.url()));
  }
}

TEST_F(Probing, AsksForTheIdentityWithoutAnFmspc) {
  const WorldService service(world, Dialect::kPccs);
  ProbeOptions without = options(SourceKind::kPccs, service.url());
  without.fmspc.reset();
  const ProbeReport seen = report(without);
  EXPECT_EQ(seen.first_failure(), nullptr);
  EXPECT_THAT(seen.documents.front().what, HasSubstr("identity of the QE"));
}

TEST_F(Probing, NamesTheStepThatIsNotReached) {
  expect(report(SourceKind::kPccs, "http://pccs.invalid:8081"), ProbeStep::kResolve,
         ErrorCode::kHostNotFound);
  const DeadPort dead;
  const ProbeReport refused =
      report(SourceKind::kPccs, base::text("http://127.0.0.1:", dead.port()));
  expect(refused, ProbeStep::kConnect, ErrorCode::kEndpointRefused);
  // The others could not have gone otherwise.
  EXPECT_EQ(refused.documents.front().requests.size(), 1U);
  EXPECT_THAT(refused.documents.back().requests, ::testing::IsEmpty());
  EXPECT_FALSE(refused.documents.back().failure);
  EXPECT_FALSE(refused.documents.back().good());

  ProbeOptions proxied = options(SourceKind::kPccs, "http://pccs.invalid:8081");
  proxied.settings.sources.front().proxy = base::text("http://127.0.0.1:", dead.port());
  expect(report(proxied), ProbeStep::kProxy, ErrorCode::kProxyFailed);
}

TEST_F(Probing, NamesTrustInTheServersCertificate) {
  const test::TempDir dir;
  const http::TlsIdentity identity = new_identity();
  ASSERT_TRUE(
      base::write_file(dir / "ca.pem", base::as_bytes(identity.certificate_chain_pem), 0600));
  const WorldService service(world, Dialect::kPccs, {}, identity);
  expect(report(SourceKind::kPccs, service.url("https")), ProbeStep::kTls,
         ErrorCode::kTlsNotTrusted);

  ProbeOptions trusting = options(SourceKind::kPccs, service.url("https"));
  trusting.settings.sources.front().ca_file = dir / "ca.pem";
  const ProbeReport seen = report(trusting);
  EXPECT_EQ(seen.first_failure(), nullptr);
  EXPECT_TRUE(seen.documents.front().requests.front().timings.secured);

  ProbeOptions careless = options(SourceKind::kPccs, service.url("https"));
  careless.settings.sources.front().verify_tls = false;
  const ProbeReport unchecked = report(careless);
  EXPECT_EQ(unchecked.first_failure(), nullptr);
  EXPECT_THAT(unchecked.remarks,
              ::testing::ElementsAre(HasSubstr("nothing was asked of the TLS certificate")));
}

TEST_F(Probing, NamesAHandshakeWithWhoSpeaksPlainHttp) {
  const WorldService plain(world, Dialect::kPccs);
  expect(report(SourceKind::kPccs, plain.url("https")), ProbeStep::kTls, ErrorCode::kTlsFailed);
}

TEST_F(Probing, NamesTheStepThatWaits) {
  const ScriptedServer silent([](Peer& peer) { peer.wait_for_end(); });
  expect(report(SourceKind::kPccs, silent.url()), ProbeStep::kReply, ErrorCode::kTransferTimeout);
  expect(report(SourceKind::kPccs, silent.url("https")), ProbeStep::kTls,
         ErrorCode::kTransferTimeout);
  const ScriptedServer halting([](Peer& peer) {
    peer.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    peer.wait_for_end();
  });
  expect(report(SourceKind::kPccs, halting.url()), ProbeStep::kBody, ErrorCode::kTransferTimeout);
}

TEST_F(Probing, NamesWhatTheServiceRefuses) {
  const auto status = [](unsigned number) {
    return Response::of_type("text/plain", "No.", number);
  };
  expect(with_answer("tcb", status(401)), ProbeStep::kReply, ErrorCode::kApiKeyRefused);
  expect(with_answer("tcb", status(404)), ProbeStep::kReply, ErrorCode::kNotFoundAtSource);
  expect(with_answer("pckcrl", status(503)), ProbeStep::kReply, ErrorCode::kSourceBusy);
  expect(with_answer("pckcrl", status(500)), ProbeStep::kReply, ErrorCode::kSourceFailed);
  expect(with_answer("tcb", status(410)), ProbeStep::kContent, ErrorCode::kApiVersionRetired);
}

TEST_F(Probing, NamesAWebPageInTheWay) {
  const ProbeReport portal =
      with_answer("tcb", Response::of_type("text/html", "<html>Please log in</html>"));
  expect(portal, ProbeStep::kContent, ErrorCode::kNotACertificationService);
  const ScriptedServer redirecting([](Peer& peer) {
    peer.answer(reply_text("302 Found", "Location: http://user@portal.invalid/\r\n", ""));
  });
  expect(report(SourceKind::kPccs, redirecting.url()), ProbeStep::kReply,
         ErrorCode::kRedirectRefused);
}

TEST_F(Probing, NamesContentThatIsNotUnderstood) {
  expect(with_answer("pckcrl", Response::of_type("text/plain", "3082zz")), ProbeStep::kContent,
         ErrorCode::kReplyNotUnderstood);
  expect(with_answer("tcb", Response::of_type("application/json", "{}")), ProbeStep::kContent,
         ErrorCode::kReplyNotUnderstood);
}

TEST_F(Probing, NamesSignaturesAndDates) {
  const WorldService service(world, Dialect::kPccs);
  ProbeOptions other_root = options(SourceKind::kPccs, service.url());
  other_root.roots = {verification::intel_root()};
  const ProbeReport untrusted = report(other_root);
  expect(untrusted, ProbeStep::kSignature, ErrorCode::kSimulatedRootNotTrusted);
  EXPECT_TRUE(untrusted.documents.back().requests.empty())
      << "an address out of a root that is not trusted was asked";

  auto late = probe(options(SourceKind::kPccs, service.url()), kNow + std::chrono::hours(24 * 60));
  ASSERT_TRUE(late) << late.error().summary();
  expect(*late, ProbeStep::kDates, ErrorCode::kCollateralExpired);
}

TEST_F(Probing, SuspectsTheOtherKind) {
  const WorldService pcs(world, Dialect::kPcs);
  EXPECT_THAT(report(SourceKind::kPccs, pcs.url()).remarks,
              ::testing::ElementsAre(HasSubstr("more likely pcs")));
  const WorldService pccs(world, Dialect::kPccs);
  EXPECT_THAT(report(SourceKind::kPcs, pccs.url()).remarks,
              ::testing::ElementsAre(HasSubstr("more likely pccs")));
}

TEST_F(Probing, PassesOnWarnings) {
  Document content = world.document(world.pck_crl());
  Response warned;
  warned.body = base::to_hex(content.body);
  warned.headers = {{"SGX-PCK-CRL-Issuer-Chain", http::percent_encoded(content.issuer_chain_pem)},
                    {"Warning", "299 - \"this version ends soon\""}};
  const ProbeReport seen = with_answer("pckcrl", warned);
  EXPECT_EQ(seen.first_failure(), nullptr);
  EXPECT_THAT(seen.remarks, ::testing::ElementsAre(HasSubstr("this version ends soon")));
}

TEST_F(Probing, CannotBeginWithACaThatIsNone) {
  ProbeOptions bad = options(SourceKind::kPccs, "https://127.0.0.1:1");
  bad.settings.sources.front().ca_file = "/nonexistent/ca.pem";
  const auto out = probe(bad, kNow);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code(), ErrorCode::kFileUnreadable);
}

}  // namespace
}  // namespace quoted::certification
