#include "collateral/bundle.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "collateral/testing/base_collateral.h"

namespace quoted::collateral {
namespace {

using base::ErrorCode;
using testing::base_collateral;
using ::testing::HasSubstr;
using testing::same;
using Json = nlohmann::ordered_json;

Json good_bundle() { return Json::parse(write_bundle(base_collateral()).value()); }

base::Error refusal(std::string_view bundle) {
  const auto read = read_bundle(bundle);
  return read ? base::Error(ErrorCode::kInternal, "accepted") : read.error();
}

TEST(Bundle, GivesBackTheSameBytes) {
  const std::string bundle = write_bundle(base_collateral()).value();
  EXPECT_TRUE(same(read_bundle(bundle).value(), base_collateral()));
  EXPECT_TRUE(bundle.starts_with("{\n \"format\": \"quoted-collateral\",\n \"version\": 1,\n"));
  EXPECT_TRUE(bundle.ends_with("}\n"));
}

TEST(Bundle, GivesBackEveryTextAndEveryCrl) {
  Collateral odd = base_collateral();
  std::string every_character;
  for (int code = 0; code < 0x80; ++code) every_character += static_cast<char>(code);
  every_character += "\xC3\xA4\xEF\xBF\xBD\xEF\xBB\xBF\xF0\x9F\x98\x80\r\n\\u0041";
  odd.tcb_info = base::to_bytes(base::as_bytes(every_character));
  odd.qe_identity.clear();
  odd.pck_crl.clear();
  for (int code = 0; code < 0x100; ++code) odd.pck_crl.push_back(static_cast<std::byte>(code));
  EXPECT_TRUE(same(read_bundle(write_bundle(odd).value()).value(), odd));
}

TEST(Bundle, TextsThatItWouldNotGiveBackAreRefused) {
  for (const char* const bytes : {"\xFF", "\xC3", "\xC0\x80", "\xED\xA0\x80", "{\"a\":\"\xE4\"}"}) {
    Collateral odd = base_collateral();
    odd.tcb_info_issuer_chain = base::to_bytes(base::as_bytes(bytes));
    const auto written = write_bundle(odd);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), ErrorCode::kMalformed);
    EXPECT_EQ(written.error().message(),
              "'tcb_info_issuer_chain' is not UTF-8 text, so that a bundle cannot hold it");
  }
}

TEST(Bundle, OneThatCouldNotBeReadIsNotWritten) {
  Collateral large = base_collateral();
  large.root_ca_crl.resize(kMaxBundleSize / 2);
  const auto written = write_bundle(large);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message(), HasSubstr("more than 50331648"));
}

TEST(Bundle, EveryPartMustBeThere) {
  for (const CollateralPart& part : kCollateralParts) {
    Json bundle = good_bundle();
    bundle.erase(std::string(part.name));
    const base::Error missing = refusal(bundle.dump());
    EXPECT_EQ(missing.code(), ErrorCode::kCollateralMissing);
    EXPECT_THAT(missing.message(), HasSubstr(std::string(part.name)));
    for (const Json& nested : {Json::array(), Json::object()}) {
      bundle[std::string(part.name)] = nested;
      EXPECT_THAT(refusal(bundle.dump()).code(),
                  ::testing::AnyOf(ErrorCode::kCollateralMissing, ErrorCode::kCollateralUnreadable))
          << part.name;
    }
    for (const Json& wrong : {Json(nullptr), Json(5)}) {
      bundle[std::string(part.name)] = wrong;
      EXPECT_EQ(refusal(bundle.dump()).code(), ErrorCode::kCollateralUnreadable) << part.name;
    }
  }
}

TEST(Bundle, CrlsAreHexadecimal) {
  for (const char* const damaged : {"0", "0g", "00 11", "0x00", "00\n"}) {
    Json bundle = good_bundle();
    bundle["pck_crl"] = damaged;
    const base::Error error = refusal(bundle.dump());
    EXPECT_EQ(error.code(), ErrorCode::kCollateralUnreadable) << damaged;
    EXPECT_THAT(error.message(), HasSubstr("'pck_crl'")) << damaged;
  }
}

TEST(Bundle, WhatIsNoneIsRefused) {
  const std::string good = good_bundle().dump();
  Json other_format = good_bundle();
  other_format["format"] = "other";
  for (const std::string& none :
       {std::string(), std::string("{}"), std::string("[]"), std::string("null"),
        std::string("\"format\""), std::string(R"({"format":5})"), good.substr(0, good.size() - 1),
        good + "}", other_format.dump(), std::string(100'000, '['), std::string(1000, '\0')}) {
    EXPECT_EQ(refusal(none).code(), ErrorCode::kCollateralUnreadable) << none.substr(0, 40);
  }
}

TEST(Bundle, OtherVersionsAreRefused) {
  for (const Json& version : {Json(2), Json(0), Json(-1), Json("1"), Json(nullptr)}) {
    Json bundle = good_bundle();
    bundle["version"] = version;
    EXPECT_THAT(refusal(bundle.dump()).message(), HasSubstr("another version than 1")) << version;
  }
  Json bundle = good_bundle();
  bundle.erase("version");
  EXPECT_THAT(refusal(bundle.dump()).message(), HasSubstr("another version than 1"));
}

}  // namespace
}  // namespace quoted::collateral
