#include "http/target.h"

#include <gmock/gmock.h>

namespace quoted::http {
namespace {

using namespace std::string_view_literals;

TEST(Target, PathAndQueryAreDecoded) {
  const auto target = parse_target("/a%20b/%C3%A4+?x=1&y=%26%3D&&flag&z=a+b&x=2");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b/\xC3\xA4+");
  ASSERT_EQ(target->query.size(), 5U);
  EXPECT_EQ(target->query[1].value, "&=");
  EXPECT_EQ(target->query[2].name, "flag");
  EXPECT_EQ(target->query[2].value, "");
  EXPECT_EQ(target->query[3].value, "a b");
  const Request request{
      .method = {}, .path = {}, .query = target->query, .headers = {}, .body = {}};
  EXPECT_EQ(request.parameter("x"), "1");
  EXPECT_EQ(request.parameter("y"), "&=");
  EXPECT_FALSE(request.parameter("none"));
}

TEST(Target, AbsoluteFormIsThePathOfIt) {
  EXPECT_EQ(parse_target("http://host:80/path?q")->path, "/path");
  EXPECT_EQ(parse_target("HTTP://host")->path, "/");
}

TEST(Target, SlashInTheQueryOfAnAbsoluteFormIsNoPath) {
  const auto target = parse_target("http://x?y/healthz");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/");
  ASSERT_EQ(target->query.size(), 1U);
  EXPECT_EQ(target->query[0].name, "y/healthz");
  EXPECT_FALSE(parse_target("http://x#y/healthz"));
}

TEST(Target, RefusesWhatIsNoPath) {
  for (const auto target :
       {""sv, "*"sv, "host:443"sv, "ftp://host/"sv, "/%"sv, "/%4"sv, "/%zz"sv, "/%00"sv, "/%0a"sv,
        "/%7f"sv, "/a b"sv, "/\x80"sv, "/a\0b"sv, "/#"sv, "/?%0d"sv, "/?a=%"sv, "?a"sv}) {
    const auto refused = parse_target(target);
    ASSERT_FALSE(refused) << target;
    EXPECT_EQ(refused.error().code(), base::ErrorCode::kHttpMalformed);
  }
}

}  // namespace
}  // namespace quoted::http
