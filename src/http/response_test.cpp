#include "http/response.h"

#include <gmock/gmock.h>

namespace quoted::http {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kTime = 784111777;  // the example of RFC 9110 5.6.7

TEST(Response, HeadSaysWhatTheClientNeeds) {
  EXPECT_EQ(response_head(Response::of_type("text/plain", "abc"), AfterAnswer::kKeepOpen, kTime),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: text/plain\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n");
  const Response empty{.status = 204, .headers = {}, .body = {}};
  EXPECT_EQ(response_head(empty, AfterAnswer::kClose, kTime),
            "HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Connection: close\r\n\r\n");
}

TEST(Response, NoValueBeginsAnotherHeader) {
  Response response;
  response.headers = {
      {"A", "x\r\nB: y"}, {"C\nD", "z"}, {"E", std::string("n\0", 2)}, {"F", "fine"}};
  const std::string head = response_head(response, AfterAnswer::kClose, kTime);
  EXPECT_THAT(head, Not(HasSubstr("B: y")));
  EXPECT_THAT(head, Not(HasSubstr("D: z")));
  EXPECT_THAT(head, Not(HasSubstr("E: ")));
  EXPECT_THAT(head, HasSubstr("\r\nF: fine\r\n"));
}

TEST(Response, ErrorIsJsonWhateverTheMessageHolds) {
  const auto response =
      Response::of_error(404, base::Error(base::ErrorCode::kHttpNotFound, "no '\"\x80\n'"));
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(find_header(response.headers, "content-type"), "application/json");
  EXPECT_THAT(response.body, HasSubstr("{\"code\":\"QD4105\",\"reason\":\"no '\\\"\\ufffd\\n'\""));
  EXPECT_THAT(response.body, HasSubstr("\"remedy\":\""));
}

}  // namespace
}  // namespace quoted::http
