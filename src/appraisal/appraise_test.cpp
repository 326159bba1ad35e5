#include "appraisal/appraise.h"

#include <gmock/gmock.h>

#include "appraisal/policy_text.h"
#include "appraisal/testing/named_verdicts.h"

namespace quoted::appraisal {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::facts_named;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr const char* kAnyEnclave = "version = 1\nany_enclave = true\n";

Policy policy(std::string_view text) {
  auto parsed = parse_policy(text, "f");
  if (!parsed) throw std::runtime_error(parsed.error().summary());
  return *std::move(parsed);
}

std::vector<std::string> refused_by(const Appraisal& appraisal) {
  std::vector<std::string> out;
  for (const Rule* const rule : appraisal.refusing()) out.push_back(rule->name);
  return out;
}

const Rule& rule(const Appraisal& appraisal, std::string_view name) {
  for (const Rule& one : appraisal.rules) {
    if (one.name == name) return one;
  }
  throw std::runtime_error("no rule " + std::string(name));
}

TEST(Appraise, WhatTheVerifierRefusedIsRefusedAlways) {
  const Policy everything = policy(
      "version = 1\nany_enclave = true\nallow_debug = true\n[platform]\nallow_simulated = true\n"
      "tcb_status = ['UpToDate', 'SWHardeningNeeded', 'OutOfDate']\n");
  const Appraisal refused = appraise(everything, facts_named("refused", true));
  EXPECT_FALSE(refused.accepted);
  EXPECT_THAT(refused_by(refused), ElementsAre("verdict.status"));
  EXPECT_EQ(refused.rules.size(), 1U);
  EXPECT_TRUE(refused.matched.empty());
  // Whatever else is known of it.
  Facts facts = facts_named("up-to-date", true);
  EXPECT_TRUE(appraise(everything, facts).accepted);
  facts.refused = true;
  EXPECT_FALSE(appraise(everything, facts).accepted);
}

TEST(Appraise, NothingIsKnownByDefault) {
  Facts facts;
  EXPECT_FALSE(appraise(policy(kAnyEnclave), facts).accepted);
  facts.refused = false;
  EXPECT_THAT(refused_by(appraise(policy(kAnyEnclave), facts)),
              ElementsAre("verdict.collateral", "verdict.mode"));
  facts.collateral_checked = true;
  facts.mode = verification::Mode::kStrict;
  EXPECT_THAT(refused_by(appraise(policy(kAnyEnclave), facts)),
              ElementsAre("platform.tcb_status", "any_enclave"));
}

TEST(Appraise, NeedsStrictModeAndCollateral) {
  Facts facts = facts_named("up-to-date", false);
  facts.mode = verification::Mode::kIntel;
  EXPECT_THAT(refused_by(appraise(policy(kAnyEnclave), facts)), ElementsAre("verdict.mode"));
  facts.mode.reset();
  EXPECT_THAT(refused_by(appraise(policy(kAnyEnclave), facts)), ElementsAre("verdict.mode"));
  facts.mode = verification::Mode::kStrict;
  facts.collateral_checked = false;
  EXPECT_THAT(refused_by(appraise(policy(kAnyEnclave), facts)), ElementsAre("verdict.collateral"));
}

// A rule about something that a verdict does not know fails.
TEST(Appraise, UnknownFactsFail) {
  const Policy strict = policy(
      "version = 1\nany_enclave = true\n[platform]\nfmspc = ['0a1b2c3d4e5f']\n"
      "min_tcb_evaluation_data_number = 1\nmin_tcb_date = 2000-01-01\nqe_tcb_status = "
      "['UpToDate']\n"
      "[collateral]\nmax_age = '36000d'\n");
  Facts facts = facts_named("up-to-date", false);
  EXPECT_TRUE(appraise(strict, facts).accepted);
  facts.fmspc.reset();
  facts.tcb_evaluation_data_number.reset();
  facts.tcb_date.reset();
  facts.qe_tcb_status.clear();
  facts.judged_at.reset();
  EXPECT_THAT(refused_by(appraise(strict, facts)),
              UnorderedElementsAre("platform.fmspc", "platform.min_tcb_evaluation_data_number",
                                   "platform.min_tcb_date", "platform.qe_tcb_status",
                                   "collateral.max_age"));
  EXPECT_EQ(rule(appraise(strict, facts), "platform.fmspc").observed, "unknown");
}

TEST(Appraise, SaysWhatItSawAndWhatItExpected) {
  const Appraisal found =
      appraise(policy("version = 1\nany_enclave = true\n[platform]\ntcb_status = ['UpToDate', "
                      "'ConfigurationNeeded']\n[platform.grace]\nmax_tcb_age = '30d'\n"),
               facts_named("out-of-date", false));
  EXPECT_FALSE(found.accepted);
  EXPECT_THAT(
      found.rules,
      Contains(AllOf(
          Field(&Rule::name, "platform.tcb_status"), Field(&Rule::outcome, Outcome::kPassed),
          Field(&Rule::observed, "OutOfDate"),
          Field(&Rule::expected, "UpToDate or ConfigurationNeeded, or for a time OutOfDate"))));
  const Rule& grace = rule(found, "platform.grace.max_tcb_age");
  EXPECT_EQ(grace.outcome, Outcome::kFailed);
  EXPECT_EQ(grace.observed, "TCB date 2023-08-09T00:00:00Z, 752d before the verification");
  EXPECT_EQ(grace.expected, "at most 30d before");
}

// To the second, on both sides.
TEST(Appraise, AgesEndAtTheirSecond) {
  Facts facts = facts_named("up-to-date", false);
  const Policy weekly = policy("version = 1\nany_enclave = true\n[collateral]\nmax_age = '7d'\n");
  facts.documents_issued = *facts.judged_at - std::chrono::days(7);
  EXPECT_TRUE(appraise(weekly, facts).accepted);
  *facts.documents_issued -= std::chrono::seconds(1);
  EXPECT_THAT(refused_by(appraise(weekly, facts)), ElementsAre("collateral.max_age"));

  const Policy grace =
      policy("version = 1\nany_enclave = true\n[platform.grace]\nmax_tcb_age = '90d'\n");
  facts.tcb_status = "OutOfDate";
  facts.tcb_date = *facts.judged_at - std::chrono::days(90);
  EXPECT_TRUE(appraise(grace, facts).accepted);
  *facts.tcb_date -= std::chrono::seconds(1);
  EXPECT_THAT(refused_by(appraise(grace, facts)), ElementsAre("platform.grace.max_tcb_age"));
  // Other statuses have no grace, and need none.
  facts.tcb_status = "OutOfDateConfigurationNeeded";
  EXPECT_THAT(refused_by(appraise(grace, facts)), ElementsAre("platform.tcb_status"));
  facts.tcb_status = "UpToDate";
  EXPECT_TRUE(appraise(grace, facts).accepted);
  EXPECT_EQ(rule(appraise(grace, facts), "platform.grace").outcome, Outcome::kNotApplicable);
}

TEST(Appraise, NumbersEndAtTheirValue) {
  Facts facts = facts_named("up-to-date", false);
  const Policy least =
      policy("version = 1\nany_enclave = true\n[platform]\nmin_tcb_evaluation_data_number = 18\n");
  facts.tcb_evaluation_data_number = 18;
  EXPECT_TRUE(appraise(least, facts).accepted);
  facts.tcb_evaluation_data_number = 17;
  EXPECT_FALSE(appraise(least, facts).accepted);

  const Policy until = policy(
      "version = 1\nany_enclave = true\n[platform.grace]\nuntil_tcb_evaluation_data_number = 17\n");
  facts.tcb_status = "OutOfDate";
  facts.newest_tcb_evaluation_data_number = 17;
  EXPECT_TRUE(appraise(until, facts).accepted);
  // One document of the recovery is enough.
  facts.newest_tcb_evaluation_data_number = 18;
  EXPECT_EQ(facts.tcb_evaluation_data_number, 17U);
  EXPECT_FALSE(appraise(until, facts).accepted);
  facts.newest_tcb_evaluation_data_number.reset();
  EXPECT_FALSE(appraise(until, facts).accepted);
}

TEST(Appraise, AnEmptyListOfAllowedAdvisoriesAllowsNone) {
  const Policy none = policy(
      "version = 1\nany_enclave = true\n[platform]\nallowed_advisories = []\n"
      "tcb_status = ['UpToDate', 'SWHardeningNeeded']\n");
  EXPECT_TRUE(appraise(none, facts_named("up-to-date", false)).accepted);
  const Appraisal found = appraise(none, facts_named("sw-hardening", false));
  EXPECT_THAT(refused_by(found), ElementsAre("platform.allowed_advisories"));
  EXPECT_EQ(rule(found, "platform.allowed_advisories").expected, "none");
}

TEST(Appraise, OneAlternativeIsEnough) {
  const auto facts = facts_named("up-to-date", false);
  const std::string right = std::get<sgx::ReportBody>(facts.body).mr_enclave.hex();
  const std::string wrong(64, 'a');
  const Policy both = policy("version = 1\n[[enclave]]\nmr_enclave = '" + wrong +
                             "'\n[[enclave]]\nmr_enclave = '" + right + "'\n");
  const Appraisal accepted = appraise(both, facts);
  EXPECT_TRUE(accepted.accepted);
  EXPECT_EQ(accepted.matched, "enclave[1]");
  EXPECT_EQ(rule(accepted, "enclave[0]").outcome, Outcome::kNotApplicable);
  EXPECT_EQ(rule(accepted, "enclave[1].mr_enclave").outcome, Outcome::kPassed);

  const Appraisal refused =
      appraise(policy("version = 1\n[[enclave]]\nmr_enclave = '" + wrong +
                      "'\n[[enclave]]\nmr_enclave = '" + std::string(64, 'b') + "'\n"),
               facts);
  EXPECT_TRUE(refused.matched.empty());
  EXPECT_THAT(refused_by(refused), ElementsAre("enclave[0].mr_enclave", "enclave[1].mr_enclave"));
  EXPECT_EQ(rule(refused, "enclave[0].mr_enclave").observed, right);
  EXPECT_EQ(rule(refused, "enclave[0].mr_enclave").expected, wrong);
}

// Parts of two alternatives do not make one.
TEST(Appraise, AlternativesAreNotMixed) {
  const auto facts = facts_named("up-to-date", false);
  const auto& body = std::get<sgx::ReportBody>(facts.body);
  const std::string other(64, 'a');
  const Policy mixed = policy("version = 1\n[[enclave]]\nmr_enclave = '" + body.mr_enclave.hex() +
                              "'\nmr_signer = '" + other + "'\n[[enclave]]\nmr_enclave = '" +
                              other + "'\nmr_signer = '" + body.mr_signer.hex() + "'\n");
  EXPECT_THAT(refused_by(appraise(mixed, facts)),
              ElementsAre("enclave[0].mr_signer", "enclave[1].mr_enclave"));
}

// Each key of [[td]], met and not met.
TEST(Appraise, EveryKeyOfATdCounts) {
  const auto facts = facts_named("td-up-to-date", false);
  const auto& report = std::get<TdFacts>(facts.body).report;
  const std::string start =
      "version = 1\n[[td]]\nmr_td = '" + report.mr_td.hex() + "'\nany_runtime = true\n";
  EXPECT_TRUE(appraise(policy(start), facts).accepted);
  const std::string zeros(96, '0');
  const std::string other(96, 'c');
  for (const auto& [key, good, bad] : std::vector<std::array<std::string, 3>>{
           {"mr_seam", report.mr_seam.hex(), other},
           {"mr_signer_seam", zeros, other},
           {"mr_config_id", zeros, other},
           {"mr_owner", zeros, other},
           {"mr_owner_config", zeros, other},
           {"mr_service_td", zeros, other},
           {"td_attributes", "0000001000000000", "0000003000000000"},
           {"xfam", "e702060000000000", "0300000000000000"},
           {"min_tee_tcb_svn", "0b010400000000000000000000000000",
            "0b010500000000000000000000000000"},
           {"report_data_prefix", "945eaacf", "945eaace"},
           {"report_data", report.report_data.hex(), std::string(128, '0')}}) {
    SCOPED_TRACE(key);
    EXPECT_TRUE(appraise(policy(start + key + " = '" + good + "'\n"), facts).accepted);
    EXPECT_THAT(refused_by(appraise(policy(start + key + " = '" + bad + "'\n"), facts)),
                ElementsAre("td[0]." + key));
  }
  const std::string mr_td = start.substr(0, start.find("any_runtime"));
  const std::array registers{report.rt_mr0, report.rt_mr1, report.rt_mr2, report.rt_mr3};
  for (std::size_t i = 0; i < registers.size(); ++i) {
    const std::string key = "rt_mr" + std::to_string(i);
    EXPECT_TRUE(
        appraise(policy(mr_td + key + " = '" + registers[i].hex() + "'\n"), facts).accepted);
    EXPECT_THAT(refused_by(appraise(policy(mr_td + key + " = '" + other + "'\n"), facts)),
                ElementsAre("td[0]." + key));
  }
}

TEST(Appraise, ATdReportWithoutServiceTdDoesNotMeetOne) {
  const auto facts = facts_named("td-v4", false);
  const auto& report = std::get<TdFacts>(facts.body).report;
  EXPECT_THAT(refused_by(appraise(
                  policy("version = 1\n[[td]]\nany_runtime = true\nmr_td = '" + report.mr_td.hex() +
                         "'\nmr_service_td = '" + std::string(96, '0') + "'\n"),
                  facts)),
              ElementsAre("td[0].mr_service_td"));
}

TEST(Appraise, DebugTdsNeedToBeAllowed) {
  Facts facts = facts_named("td-up-to-date", true);
  auto& report = std::get<TdFacts>(facts.body).report;
  report.td_attributes.mutable_view()[0] = std::byte{1};
  const std::string start =
      "version = 1\n[[td]]\nmr_td = '" + report.mr_td.hex() + "'\nany_runtime = true\n";
  EXPECT_THAT(refused_by(appraise(policy(start), facts)), ElementsAre("td[0].allow_debug"));
  EXPECT_TRUE(appraise(policy(start + "allow_debug = true\n"), facts).accepted);
  EXPECT_THAT(refused_by(appraise(policy(kAnyEnclave), facts)), ElementsAre("allow_debug"));
}

// Each key of [[enclave]] that the examples leave out, met and not met.
TEST(Appraise, KeysOfAnEnclaveCount) {
  const auto facts = facts_named("kss", false);
  const auto& body = std::get<sgx::ReportBody>(facts.body);
  const std::string start =
      "version = 1\n[[enclave]]\nmr_signer = '" + body.mr_signer.hex() + "'\nisv_prod_id = 1\n";
  for (const auto& [key, good, bad] : std::vector<std::array<std::string, 3>>{
           {"min_isv_svn", "2", "3"},
           {"isv_family_id", "'" + body.isv_family_id.hex() + "'",
            "'" + std::string(32, '0') + "'"},
           {"isv_ext_prod_id", "'" + body.isv_ext_prod_id.hex() + "'",
            "'" + std::string(32, '0') + "'"},
           {"config_id", "'" + body.config_id.hex() + "'", "'" + std::string(128, '0') + "'"},
           {"min_config_svn", "3", "4"},
           {"attributes.flags", "0x85", "0x05"},
           {"attributes.xfrm", "0xe7", "0x07"},
           {"report_data", "'" + body.report_data.hex() + "'", "'" + std::string(128, '0') + "'"},
           {"report_data_prefix", "'0dac'", "'0dad'"}}) {
    SCOPED_TRACE(key);
    EXPECT_TRUE(appraise(policy(start + key + " = " + good + "\n"), facts).accepted);
    EXPECT_THAT(refused_by(appraise(policy(start + key + " = " + bad + "\n"), facts)),
                ElementsAre("enclave[0]." + key));
  }
}

TEST(Appraise, AcceptedMeansNoRuleRefuses) {
  const Appraisal found = appraise(policy(kAnyEnclave), facts_named("up-to-date", false));
  EXPECT_TRUE(found.accepted);
  EXPECT_THAT(found.refusing(), IsEmpty());
  EXPECT_EQ(found.matched, "any_enclave");
}

}  // namespace
}  // namespace quoted::appraisal
