#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "appraisal/facts.h"

namespace quoted::appraisal {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What `quotectl verify --json` prints of an enclave, shortened by what no policy looks at.
json recorded_enclave() {
  return {{"status", "verified_with_warnings"},
          {"judged_at", "2025-08-30T05:09:06Z"},
          {"reason", nullptr},
          {"simulated", false},
          {"collateral", "checked"},
          {"mode", "strict"},
          {"tcb_status", "OutOfDate"},
          {"tcb_date", "2023-08-09T00:00:00Z"},
          {"qe_tcb_status", "UpToDate"},
          {"tcb_evaluation_data_number", 17},
          {"advisories", {"INTEL-SA-00960"}},
          {"documents_issued", "2025-08-15T05:41:26Z"},
          {"pck", {{"fmspc", "00606a000000"}}},
          {"enclave",
           {{"mr_enclave", std::string(64, 'a')},
            {"mr_signer", std::string(64, 'b')},
            {"isv_prod_id", 7},
            {"isv_svn", 9},
            {"isv_family_id", std::string(32, '1')},
            {"isv_ext_prod_id", std::string(32, '2')},
            {"config_id", std::string(128, '3')},
            {"config_svn", 4},
            {"attributes", {{"flags", "0x8000000000000005"}, {"xfrm", "0x00000000000000e7"}}},
            {"report_data", std::string(128, '4')}}}};
}

json recorded_td() {
  json out = recorded_enclave();
  out["enclave"] = nullptr;
  json td = {{"tee_tcb_svn", std::string(32, '1')},
             {"seam_attributes", std::string(16, '0')},
             {"td_attributes", "0000001000000000"},
             {"xfam", "e702060000000000"},
             {"report_data", std::string(128, '4')}};
  for (const char* const key : {"mr_seam", "mr_signer_seam", "mr_td", "mr_config_id", "mr_owner",
                                "mr_owner_config", "rt_mr0", "rt_mr1", "rt_mr2", "rt_mr3"}) {
    td[key] = std::string(96, 'c');
  }
  out["td"] = td;
  return out;
}

std::string error_of(const json& verdict) {
  const auto facts = parse_recorded_verdict(verdict.dump());
  return facts ? "" : facts.error().message();
}

TEST(RecordedVerdict, GivesTheFactsOfAnEnclave) {
  const auto facts = parse_recorded_verdict(recorded_enclave().dump());
  ASSERT_TRUE(facts) << facts.error().summary();
  EXPECT_FALSE(facts->refused);
  EXPECT_FALSE(facts->simulated);
  EXPECT_TRUE(facts->collateral_checked);
  EXPECT_EQ(facts->mode, verification::Mode::kStrict);
  EXPECT_EQ(facts->tcb_status, "OutOfDate");
  EXPECT_EQ(facts->tcb_date->time_since_epoch().count(), 1691539200);
  EXPECT_EQ(facts->qe_tcb_status, "UpToDate");
  EXPECT_EQ(facts->tcb_evaluation_data_number, 17U);
  EXPECT_THAT(facts->advisories, ElementsAre("INTEL-SA-00960"));
  EXPECT_TRUE(facts->documents_issued);
  EXPECT_EQ(facts->judged_at->time_since_epoch().count(), 1756530546);
  EXPECT_EQ(facts->fmspc->hex(), "00606a000000");
  const auto& body = std::get<sgx::ReportBody>(facts->body);
  EXPECT_EQ(body.isv_prod_id, 7);
  EXPECT_EQ(body.isv_svn, 9);
  EXPECT_EQ(body.config_svn, 4);
  EXPECT_EQ(body.attributes.flags, 0x8000000000000005U);
  EXPECT_EQ(body.attributes.xfrm, 0xe7U);
  EXPECT_EQ(body.mr_signer.hex(), std::string(64, 'b'));
  EXPECT_EQ(body.config_id.hex(), std::string(128, '3'));
}

TEST(RecordedVerdict, GivesTheFactsOfATd) {
  auto facts = parse_recorded_verdict(recorded_td().dump());
  ASSERT_TRUE(facts) << facts.error().summary();
  const auto& td = std::get<TdFacts>(facts->body);
  EXPECT_EQ(td.report.mr_td.hex(), std::string(96, 'c'));
  EXPECT_EQ(to_bits(td.report.td_attributes), 0x10000000U);
  EXPECT_FALSE(td.mr_service_td);
  json extended = recorded_td();
  extended["td"]["mr_service_td"] = std::string(96, 'd');
  facts = parse_recorded_verdict(extended.dump());
  ASSERT_TRUE(facts);
  EXPECT_EQ(std::get<TdFacts>(facts->body).mr_service_td->hex(), std::string(96, 'd'));
}

TEST(RecordedVerdict, OfARefusedQuoteHasNoBody) {
  const auto facts = parse_recorded_verdict(
      R"({"status": "refused", "reason": "A CRL is out of date", "simulated": true,
          "collateral": "checked", "mode": "strict", "enclave": null})");
  ASSERT_TRUE(facts) << facts.error().summary();
  EXPECT_TRUE(facts->refused);
  EXPECT_EQ(facts->reason, "A CRL is out of date");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(facts->body));
}

TEST(RecordedVerdict, MayStandInTheOutputOfAPolicy) {
  const json outer = {{"decision", "refused"}, {"verdict", recorded_enclave()}};
  const auto facts = parse_recorded_verdict(outer.dump());
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->tcb_status, "OutOfDate");
}

TEST(RecordedVerdict, OldOnesLackTimes) {
  json old = recorded_enclave();
  old.erase("judged_at");
  old.erase("documents_issued");
  const auto facts = parse_recorded_verdict(old.dump());
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->judged_at);
  EXPECT_FALSE(facts->documents_issued);
}

TEST(RecordedVerdict, WithoutCollateralKnowsNoPlatform) {
  json bare = recorded_enclave();
  bare["collateral"] = "not checked";
  for (const char* const key : {"mode", "tcb_status", "tcb_date", "qe_tcb_status", "advisories",
                                "tcb_evaluation_data_number", "documents_issued"}) {
    bare.erase(key);
  }
  const auto facts = parse_recorded_verdict(bare.dump());
  ASSERT_TRUE(facts) << facts.error().summary();
  EXPECT_FALSE(facts->collateral_checked);
  EXPECT_FALSE(facts->mode);
}

TEST(RecordedVerdict, RefusesWhatIsNone) {
  EXPECT_THAT(error_of(json::array()), HasSubstr("no object"));
  EXPECT_THAT(error_of(json::object()), HasSubstr("'status' is missing or unknown"));
  EXPECT_THAT(error_of({{"status", "VERIFIED"}}), HasSubstr("'status' is missing or unknown"));
  EXPECT_THAT(error_of({{"status", 1}}), HasSubstr("'status' is no string"));
  EXPECT_FALSE(parse_recorded_verdict("{"));
  EXPECT_FALSE(parse_recorded_verdict(""));
  EXPECT_THAT(
      parse_recorded_verdict(R"({"status": "refused", "status": "verified"})").error().message(),
      HasSubstr("'status' stands twice"));
}

// No missing or odd field becomes a yes.
TEST(RecordedVerdict, RefusesWhatIsIncomplete) {
  const json enclave = recorded_enclave();
  for (const auto& [key, value] : enclave.at("enclave").items()) {
    json less = enclave;
    less["enclave"].erase(key);
    EXPECT_THAT(error_of(less), HasSubstr("is missing")) << key;
    json odd = enclave;
    odd["enclave"][key] = json::array();
    EXPECT_NE(error_of(odd), "") << key;
  }
  const json td = recorded_td();
  for (const auto& [key, value] : td.at("td").items()) {
    json less = td;
    less["td"].erase(key);
    EXPECT_THAT(error_of(less), HasSubstr("is missing")) << key;
  }
  for (const char* const key : {"simulated", "advisories"}) {
    json less = enclave;
    less.erase(key);
    EXPECT_THAT(error_of(less), HasSubstr("is missing")) << key;
    less[key] = nullptr;
    EXPECT_THAT(error_of(less), HasSubstr("is missing")) << key;
  }
  json both = enclave;
  both["td"] = td["td"];
  EXPECT_THAT(error_of(both), HasSubstr("neither or both"));
  json none = enclave;
  none["enclave"] = nullptr;
  EXPECT_THAT(error_of(none), HasSubstr("neither or both"));
}

TEST(RecordedVerdict, RefusesOddValues) {
  const auto with = [](const char* key, const json& value) {
    json out = recorded_enclave();
    out[key] = value;
    return error_of(out);
  };
  EXPECT_THAT(with("simulated", "no"), HasSubstr("neither true nor false"));
  EXPECT_THAT(with("mode", "lax"), HasSubstr("neither 'strict' nor 'intel'"));
  EXPECT_THAT(with("judged_at", "yesterday"), HasSubstr("no time such as"));
  EXPECT_THAT(with("tcb_date", 5), HasSubstr("is no string"));
  EXPECT_THAT(with("advisories", "none"), HasSubstr("no list"));
  EXPECT_THAT(with("advisories", {1}), HasSubstr("no string"));
  EXPECT_THAT(with("tcb_evaluation_data_number", -1), HasSubstr("no number"));
  EXPECT_THAT(with("tcb_evaluation_data_number", 4294967296), HasSubstr("no number"));
  EXPECT_THAT(with("pck", json::object()), HasSubstr("'fmspc' is missing"));
  json large = recorded_enclave();
  large["enclave"]["isv_svn"] = 65536;
  EXPECT_THAT(error_of(large), HasSubstr("no number up to 65535"));
  json flags = recorded_enclave();
  flags["enclave"]["attributes"]["flags"] = "5";
  EXPECT_THAT(error_of(flags), HasSubstr("bit field"));
}

}  // namespace
}  // namespace quoted::appraisal
