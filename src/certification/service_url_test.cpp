#include "certification/service_url.h"

#include <gmock/gmock.h>

namespace quoted::certification {
namespace {

using base::ErrorCode;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ServiceUrl, TakesTheAddressesInUse) {
  const auto url = ServiceUrl::parse("https://PCCS.example:8081/sgx/certification/v4/").value();
  EXPECT_EQ(url.base(), "https://pccs.example:8081/sgx/certification/v4/");
  EXPECT_EQ(url.origin(), "https://pccs.example:8081");
  EXPECT_EQ(url.host(), "pccs.example");
  EXPECT_EQ(url.tdx_base(), "https://pccs.example:8081/tdx/certification/v4/");
  EXPECT_FALSE(url.is_intel());
  EXPECT_TRUE(
      ServiceUrl::parse("https://api.trustedservices.intel.com/sgx/certification/v4/")->is_intel());
  EXPECT_FALSE(ServiceUrl::parse("https://trustedservices.intel.com.example/")->is_intel());
  EXPECT_EQ(ServiceUrl::parse("http://169.254.169.254/metadata/THIM/sgx/certification")->tdx_base(),
            "http://169.254.169.254/metadata/THIM/tdx/certification/");
  EXPECT_EQ(ServiceUrl::parse("HTTP://[::1]:8081/a/")->host(), "::1");
  EXPECT_EQ(ServiceUrl::parse("http://[::1]:8081/a/")->tdx_base(), std::nullopt);
}

TEST(ServiceUrl, AddsWhatPeopleLeaveOut) {
  EXPECT_EQ(ServiceUrl::parse("https://pccs/sgx/certification/v4")->base(),
            "https://pccs/sgx/certification/v4/");
  EXPECT_EQ(ServiceUrl::parse("https://pccs:8081")->base(),
            "https://pccs:8081/sgx/certification/v4/");
  EXPECT_EQ(ServiceUrl::parse("https://pccs:8081/")->base(),
            "https://pccs:8081/sgx/certification/v4/");
}

void expect_refused(std::string_view url, std::string_view why,
                    ErrorCode code = ErrorCode::kUrlInvalid) {
  const auto parsed = ServiceUrl::parse(url);
  ASSERT_FALSE(parsed) << url;
  EXPECT_EQ(parsed.error().code(), code) << url;
  EXPECT_THAT(parsed.error().message(), HasSubstr(std::string(why))) << url;
}

TEST(ServiceUrl, SaysWhyItRefuses) {
  expect_refused("", "expected https://host:port/path/");
  expect_refused("pccs:8081", "expected https://host:port/path/");
  expect_refused("ftp://pccs/", "scheme 'ftp'");
  expect_refused("https:///sgx/", "names no host");
  expect_refused("https://:8081/", "names no host");
  expect_refused("https://[::1/", "names no host");
  expect_refused("https://pc cs/", "host 'pc cs'");
  expect_refused("https://pccs:0/", "port '0'");
  expect_refused("https://pccs:65536/", "port '65536'");
  expect_refused("https://pccs:/", "port ''");
  expect_refused("https://pccs:80x/", "port '80x'");
  expect_refused("https://pccs/a b/", "blank or a foreign character");
  expect_refused("https://pccs/a?b=c", "query or fragment");
  expect_refused("https://pccs/a#b", "query or fragment");
  expect_refused("https://pccs/" + std::string(3000, 'a'), "expected https://host:port/path/");
}

TEST(ServiceUrl, DoesNotRepeatAPassword) {
  const auto parsed = ServiceUrl::parse("https://me:geheim@pccs/sgx/certification/v4/");
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message(), HasSubstr("user name or password"));
  EXPECT_THAT(parsed.error().summary(), Not(HasSubstr("geheim")));
}

TEST(ServiceUrl, KnowsRetiredVersions) {
  for (const std::string_view version : {"v1", "v2", "v3"}) {
    expect_refused("https://pccs:8081/sgx/certification/" + std::string(version),
                   "names version " + std::string(version.substr(1)),
                   ErrorCode::kApiVersionRetired);
  }
  EXPECT_TRUE(ServiceUrl::parse("https://v3.example/sgx/certification/v4/"));
}

}  // namespace
}  // namespace quoted::certification
