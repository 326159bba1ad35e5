#include "simulation/authority/tcb_state_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "simulation/authority/utc_text.h"
#include "simulation/testing/authority_fixture.h"

namespace quoted::simulation {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using Json = nlohmann::ordered_json;

TcbState fresh() { return default_tcb_state(default_platform_model()); }

// Every member away from its default.
TcbState moved() {
  TcbState out = fresh();
  out.evaluation_number = 4'000'000'000;
  out.levels[0].verdict.status = TcbStatus::kConfigurationAndSwHardeningNeeded;
  out.levels[0].verdict.advisory_ids = {"INTEL-SA-00615", "SIMULATED-SA-00002"};
  out.levels[0].pce_svn = 65535;
  out.qe_levels[0].verdict.status = TcbStatus::kRevoked;
  out.qe_levels[0].verdict.tcb_date = test::midnight(2030, 2, 28);
  out.issue_date = test::midnight(2026, 3, 1) + std::chrono::seconds(3723);
  out.valid_days = 7;
  out.revoked_pcks = {test::counting<crypto::SerialNumber>(1),
                      test::counting<crypto::SerialNumber>(2)};
  out.revoked_issuers = {RevocableIssuer::kTcbSigning, RevocableIssuer::kPlatformCa};
  out.pck_crl_number = 9;
  out.root_crl_number = 10;
  return out;
}

TEST(TcbStateFile, WhatIsWrittenComesBack) {
  for (const TcbState& state : {fresh(), moved()}) {
    const auto again = parse_tcb_state(format_tcb_state(state));
    ASSERT_TRUE(again) << again.error().summary();
    EXPECT_EQ(*again, state);
  }
}

TEST(TcbStateFile, IsKeptWholeOrNotAtAll) {
  const quoted::test::TempDir dir;
  const auto path = dir / "state.json";
  ASSERT_TRUE(save_tcb_state(path, fresh()));
  ASSERT_TRUE(save_tcb_state(path, moved()));
  EXPECT_EQ(load_tcb_state(path).value(), moved());
  TcbState bad = fresh();
  bad.levels.clear();
  EXPECT_FALSE(save_tcb_state(path, bad));
  EXPECT_EQ(load_tcb_state(path).value(), moved());
  EXPECT_EQ(test::outcome(load_tcb_state(dir / "none")),
            test::named(base::ErrorCode::kFileUnreadable));
  ASSERT_TRUE(
      base::write_file(path, base::Bytes((std::size_t{1} << 20U) + 1, std::byte{' '}), 0644));
  EXPECT_EQ(test::outcome(load_tcb_state(path)), test::named(base::ErrorCode::kWrongSize));
  ASSERT_TRUE(base::write_file(path, base::as_bytes("{}"), 0644));
  EXPECT_THAT(load_tcb_state(path).error().summary(),
              AllOf(HasSubstr("state.json: "), HasSubstr("version is missing")));
}

void expect_malformed(std::string_view json, const std::string& words) {
  const auto result = parse_tcb_state(json);
  ASSERT_FALSE(result) << words;
  EXPECT_EQ(test::outcome(result), test::named(base::ErrorCode::kMalformed));
  EXPECT_THAT(result.error().message(), StartsWith(words));
}

TEST(TcbStateFile, TextsOfAnotherKindAreMalformed) {
  for (const char* const text :
       {"", "{", "[]", "null", "{\"version\":1}x", "\xEF\xBB\xBF{", "{\xFF}"}) {
    expect_malformed(text, "the TCB state is not a JSON object");
  }
  expect_malformed(std::string(100'000, '['), "the TCB state is not a JSON object");
  expect_malformed(R"({"version":2})", "version is 2; expected 1");
  expect_malformed(R"({"version":"1"})", "version is \"1\"; expected 1");
  expect_malformed(R"({"version":1})", "tcbEvaluationDataNumber is missing");
}

// The value at a JSON pointer replaced; null takes the member away.
std::string with(const std::string& pointer, const Json& value) {
  Json json = Json::parse(format_tcb_state(moved()));
  const Json::json_pointer where(pointer);
  if (value.is_null()) {
    json.at(where.parent_pointer()).erase(where.back());
  } else {
    json[where] = value;
  }
  return json.dump();
}

TEST(TcbStateFile, EveryMemberIsNeededButTheIssueDate) {
  const Json json = Json::parse(format_tcb_state(moved()));
  for (const auto& [name, unused] : json.items()) {
    if (name == "issueDate") continue;
    expect_malformed(with("/" + name, nullptr), name + " is missing");
  }
  const auto undated = parse_tcb_state(with("/issueDate", nullptr));
  ASSERT_TRUE(undated);
  EXPECT_FALSE(undated->issue_date);
  for (const char* const name : {"components", "pcesvn", "tcbDate", "tcbStatus", "advisoryIDs"}) {
    expect_malformed(with(std::string("/tcbLevels/1/") + name, nullptr),
                     std::string("tcbLevels[1].") + name + " is missing");
  }
  for (const char* const name : {"isvsvn", "tcbDate", "tcbStatus", "advisoryIDs"}) {
    expect_malformed(with(std::string("/qeLevels/0/") + name, nullptr),
                     std::string("qeLevels[0].") + name + " is missing");
  }
}

// A misspelt member would be passed over otherwise, and the world would not move.
TEST(TcbStateFile, UnknownMembersAreNamed) {
  expect_malformed(with("/revokedPCKs", Json::array()), "\"revokedPCKs\" is not known");
  expect_malformed(with("/tcbLevels/0/status", "x"), "tcbLevels[0].\"status\" is not known");
  expect_malformed(with("/qeLevels/0/pcesvn", 1), "qeLevels[0].\"pcesvn\" is not known");
}

TEST(TcbStateFile, ValuesOutOfRangeAreNamed) {
  for (const Json& value :
       {Json(-1), Json(1.5), Json(4294967296), Json("1"), Json(Json::array())}) {
    for (const char* const name :
         {"tcbEvaluationDataNumber", "validDays", "pckCrlNumber", "rootCrlNumber"}) {
      expect_malformed(with(std::string("/") + name, value), name + (" is " + value.dump()));
    }
  }
  expect_malformed(with("/tcbLevels", 1), "tcbLevels is 1; expected an array");
  expect_malformed(with("/tcbLevels", Json::array()), "tcbLevels has 0 members");
  expect_malformed(with("/tcbLevels/0", 1), "tcbLevels[0] is 1; expected an object");
  expect_malformed(with("/tcbLevels/0/components", Json::array({1, 2})),
                   "tcbLevels[0].components is [1,2]; expected 16 members");
  expect_malformed(with("/tcbLevels/0/components", std::vector<int>(17)),
                   "tcbLevels[0].components is");
  expect_malformed(with("/tcbLevels/0/components/3", 256), "tcbLevels[0].components[3] is 256");
  expect_malformed(with("/tcbLevels/0/pcesvn", 65536), "tcbLevels[0].pcesvn is 65536");
  expect_malformed(with("/tcbLevels/0/tcbStatus", "Fine"), "tcbLevels[0].tcbStatus is \"Fine\"");
  expect_malformed(with("/tcbLevels/0/advisoryIDs/0", 7), "tcbLevels[0].advisoryIDs[0] is 7");
  expect_malformed(with("/tcbLevels/0/advisoryIDs/0", ""), "tcbLevels[0].advisoryIDs has");
  expect_malformed(with("/qeLevels/0/isvsvn", 65536), "qeLevels[0].isvsvn is 65536");
  expect_malformed(with("/qeLevels/0/tcbStatus", "SWHardeningNeeded"), "qeLevels[0].tcbStatus is");
  expect_malformed(with("/revokedPcks/0", "00"), "revokedPcks[0] is \"00\"; expected 40 hex");
  expect_malformed(with("/revokedIssuers/0", "root-ca"), "revokedIssuers[0] is \"root-ca\"");
  for (const char* const date :
       {"", "2026-07-01", "2026-07-01T00:00:00", "2026-07-01T00:00:00.0Z", "2026-02-29T00:00:00Z",
        "2026-07-01T24:00:00Z", "2026-07-01T00:00:60Z", " 2026-07-01T00:00:00Z",
        "2026-7-1T00:00:00Z", "1969-12-31T23:59:59Z", "10000-01-01T00:00:00Z"}) {
    expect_malformed(with("/issueDate", date), "issueDate is");
    expect_malformed(with("/tcbLevels/1/tcbDate", date), "tcbLevels[1].tcbDate is");
  }
}

TEST(TcbStateFile, ErrorsDoNotRepeatWhatIsHuge) {
  const auto result = parse_tcb_state(with("/issueDate", std::string(100'000, 'x')));
  ASSERT_FALSE(result);
  EXPECT_LT(result.error().message().size(), 200U);
}

TEST(UtcText, CoversWhatFourDigitsCan) {
  for (const char* const date :
       {"1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "9999-12-31T23:59:59Z"}) {
    EXPECT_EQ(utc_text(parse_utc_text(date).value()), date);
  }
  const base::UnixTime last = parse_utc_text("9999-12-31T23:59:59Z").value();
  EXPECT_TRUE(has_utc_text(last));
  EXPECT_FALSE(has_utc_text(last + std::chrono::seconds(1)));
  EXPECT_FALSE(has_utc_text(base::UnixTime() - std::chrono::seconds(1)));
}

}  // namespace
}  // namespace quoted::simulation
