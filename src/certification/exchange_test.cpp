#include "certification/exchange.h"

#include <gmock/gmock.h>

#include "certification/testing/scripted_client.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::reply;

TEST(Target, PutsAQueryTogetherAndHidesWhatIsSecret) {
  Target target("https://pccs/pckcert");
  target.with("qeid", "AB").with_hidden("key", "geheim").with("uri", "https://a/b?c=d&e");
  EXPECT_EQ(target.url(),
            "https://pccs/pckcert?qeid=AB&key=geheim&uri=https%3A%2F%2Fa%2Fb%3Fc%3Dd%26e");
  EXPECT_EQ(target.shown(),
            "https://pccs/pckcert?qeid=AB&key=...&uri=https%3A%2F%2Fa%2Fb%3Fc%3Dd%26e");
}

struct Case {
  http::ClientReply reply;
  Wanted wanted;
  ErrorCode code;
  std::string seen;
};

TEST(CheckReply, GivesEachFailureItsOwnCode) {
  constexpr Wanted kPck = Wanted::kPckCertificate;
  constexpr Wanted kDocument = Wanted::kDocument;
  const std::string page = "<!DOCTYPE html><html>Please log in</html>";
  const std::vector<Case> cases = {
      {reply(200, page), kDocument, ErrorCode::kNotACertificationService,
       "answered 200 with a web page: '<!DOCTYPE html>"},
      {reply(200, "\r\n <html>"), kPck, ErrorCode::kNotACertificationService, "web page"},
      {reply(200, "welcome", {{"Content-Type", "Text/HTML; charset=utf-8"}}), kPck,
       ErrorCode::kNotACertificationService, "'welcome'"},
      {reply(404, page), kPck, ErrorCode::kNotACertificationService,
       "answered 404 with a web page"},
      {reply(302, ""), kDocument, ErrorCode::kSourceFailed, "answered 302: no body"},
      {reply(204, ""), kDocument, ErrorCode::kReplyNotUnderstood, "answered 204, expected 200"},
      {reply(201, ""), kDocument, ErrorCode::kReplyNotUnderstood, "answered 201, expected 200"},
      {reply(400, "Invalid request parameters."), kPck, ErrorCode::kSourceFailed,
       "answered 400: 'Invalid request parameters.'"},
      {reply(401, "{\"statusCode\": 401}"), kDocument, ErrorCode::kApiKeyRefused, "answered 401"},
      {reply(403, ""), kDocument, ErrorCode::kApiKeyRefused, "answered 403"},
      {reply(404, "No cache data for this platform."), kPck, ErrorCode::kPlatformUnknown,
       "'No cache data for this platform.'"},
      {reply(404, ""), kDocument, ErrorCode::kNotFoundAtSource, "answered 404: no body"},
      {reply(410, "", {{"Warning", "299 - \"API v3 is retired\""}}), kDocument,
       ErrorCode::kApiVersionRetired, "Warning is '299 - \"API v3 is retired\"'"},
      {reply(429, "", {{"Retry-After", "30"}}), kDocument, ErrorCode::kSourceBusy,
       "Retry-After is '30'"},
      {reply(460, "integrity"), kDocument, ErrorCode::kSourceFailed, "answered 460"},
      {reply(461, ""), kPck, ErrorCode::kPlatformUnknown, "answered 461"},
      {reply(462, ""), kPck, ErrorCode::kNoPckForTcb, "answered 462"},
      {reply(500, "", {{"error-code", "Internal"}, {"ERROR-MESSAGE", "oops"}}), kPck,
       ErrorCode::kSourceFailed, "Error-Code is 'Internal'; Error-Message is 'oops'"},
      {reply(502, page), kPck, ErrorCode::kSourceFailed, "answered 502: '<!DOCTYPE html>"},
      {reply(503, page, {{"Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"}}), kPck,
       ErrorCode::kSourceBusy, "Retry-After is 'Wed, 21 Oct 2026 07:28:00 GMT'"},
  };
  for (const Case& c : cases) {
    const auto status = check_reply(c.reply, c.wanted);
    ASSERT_FALSE(status) << c.reply.status;
    EXPECT_EQ(status.error().code(), c.code) << c.seen << status.error().summary();
    EXPECT_THAT(status.error().message(), HasSubstr(c.seen));
    if (c.code != ErrorCode::kNotACertificationService && c.reply.status >= 300) {
      EXPECT_EQ(status.error().peer_code(), c.reply.status);
    }
  }
}

TEST(CheckReply, TakesGoodOnes) {
  EXPECT_TRUE(check_reply(reply(200, "{}"), Wanted::kDocument));
  EXPECT_TRUE(check_reply(reply(201, "0123"), Wanted::kRegistration));
  EXPECT_TRUE(check_reply(reply(200, ""), Wanted::kRegistration));
}

// A hostile service writes neither lines nor escape sequences into a log.
TEST(CheckReply, ShowsForeignBytesHarmlessly) {
  const auto status = check_reply(
      reply(500, "line\nline\x1B[31m" + std::string(5000, 'x'), {{"Error-Code", "a\x07"}}),
      Wanted::kDocument);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message(), AllOf(HasSubstr("\\x0a"), HasSubstr("\\x1b"),
                                              HasSubstr("\\x07"), Not(HasSubstr("\n"))));
  EXPECT_LT(status.error().message().size(), 1000U);
}

base::Result<std::string> body_of(const http::ClientReply& reply) {
  if (reply.body.empty()) return base::fail(ErrorCode::kReplyNotUnderstood, "there is nothing");
  return std::string(base::as_text(reply.body));
}

TEST(Exchange, GivesWhatTheReaderReads) {
  testing::Script script;
  script.answers.emplace("https://pccs/a", reply(200, "found"));
  const Exchange exchange(testing::client_of(script), "https://pccs", {{"X-Key", "k"}});
  EXPECT_EQ(exchange.get(Target("https://pccs/a"), Wanted::kDocument, body_of).value(), "found");
  ASSERT_EQ(script.asked.size(), 1U);
  EXPECT_EQ(script.asked[0].method, "GET");
  EXPECT_EQ(http::find_header(script.asked[0].headers, "X-Key"), "k");
}

TEST(Exchange, ErrorsOfEveryStepNameTheAddressWithoutItsSecrets) {
  testing::Script script;
  script.answers.emplace("https://pccs/a?k=geheim",
                         base::fail(ErrorCode::kEndpointRefused, "nobody listens"));
  script.answers.emplace("https://pccs/b?k=geheim", reply(200, ""));
  const Exchange exchange(testing::client_of(script), "https://pccs", {});
  for (const std::string_view path : {"a", "b", "c"}) {
    Target target("https://pccs/" + std::string(path));
    target.with_hidden("k", "geheim");
    const auto result = exchange.get(target, Wanted::kDocument, body_of);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().summary(),
                AllOf(HasSubstr("GET https://pccs/" + std::string(path) + "?k=...: "),
                      Not(HasSubstr("geheim"))));
  }
}

// The CRL of the root lies on another host, which has no business with our key.
TEST(Exchange, HeadersGoToTheirServiceAlone) {
  testing::Script script;
  const Exchange exchange(testing::client_of(script), "https://pccs", {{"X-Key", "k"}});
  for (const std::string_view url : {"https://other/a", "https://pccs.evil/a", "http://pccs/a"}) {
    EXPECT_FALSE(exchange.get(Target(std::string(url)), Wanted::kDocument, body_of));
    EXPECT_FALSE(http::find_header(script.asked.back().headers, "X-Key")) << url;
  }
}

TEST(Exchange, PostsWithItsOwnHeadersAndThose) {
  testing::Script script;
  script.answers.emplace("https://pccs/a", reply(200, "taken"));
  const Exchange exchange(testing::client_of(script), "https://pccs", {{"X-Key", "k"}});
  EXPECT_TRUE(exchange.post(Target("https://pccs/a"), {{"Content-Type", "text/plain"}},
                            base::to_bytes(base::as_bytes("body")), Wanted::kRegistration,
                            body_of));
  ASSERT_EQ(script.asked.size(), 1U);
  EXPECT_EQ(script.asked[0].method, "POST");
  EXPECT_EQ(base::as_text(script.asked[0].body), "body");
  EXPECT_EQ(http::find_header(script.asked[0].headers, "Content-Type"), "text/plain");
  EXPECT_EQ(http::find_header(script.asked[0].headers, "X-Key"), "k");
}

}  // namespace
}  // namespace quoted::certification
