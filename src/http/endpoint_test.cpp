#include "http/endpoint.h"

#include <gmock/gmock.h>

namespace quoted::http {
namespace {

using namespace std::string_view_literals;

TEST(Endpoint, LoopbackUnlessAnotherAddressIsGiven) {
  EXPECT_EQ(to_text(parse_endpoint("8081").value()), "127.0.0.1:8081");
  EXPECT_EQ(to_text(parse_endpoint(":0").value()), "127.0.0.1:0");
  EXPECT_EQ(to_text(parse_endpoint("0.0.0.0:80").value()), "0.0.0.0:80");
  EXPECT_EQ(to_text(parse_endpoint("[::1]:65535").value()), "[::1]:65535");
  EXPECT_EQ(to_text(parse_endpoint("unix:/a/b").value()), "unix:/a/b");
}

TEST(Endpoint, RefusesNamesAndNonsense) {
  for (const auto text : {""sv, "localhost:80"sv, "127.0.0.1"sv, "127.0.0.1:"sv,
                          "127.0.0.1:65536"sv, "127.0.0.1:-1"sv, "127.0.0.1:80x"sv, "::1:80"sv,
                          "[::1]"sv, "[1.2.3.4]:1"sv, "1.2.3:80"sv, "unix:"sv, "1.2.3.4:\0"sv}) {
    const auto refused = parse_endpoint(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code(), base::ErrorCode::kInvalidArgument);
  }
}

TEST(Endpoint, KnowsWhatOtherMachinesReach) {
  for (const char* const text : {"80", "127.0.0.1:80", "127.8.9.10:80", "[::1]:80",
                                 "[::ffff:127.0.0.1]:80", "unix:/run/s"}) {
    EXPECT_TRUE(is_of_this_machine(parse_endpoint(text).value())) << text;
  }
  for (const char* const text :
       {"0.0.0.0:80", "192.0.2.1:80", "[::]:80", "[2001:db8::1]:80", "[::ffff:192.0.2.1]:80"}) {
    EXPECT_FALSE(is_of_this_machine(parse_endpoint(text).value())) << text;
  }
}

}  // namespace
}  // namespace quoted::http
