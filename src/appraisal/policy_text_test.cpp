// Mistakes in policies beyond those that docs/policies shows, and what is read.
#include "appraisal/policy_text.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "test_support/temp_dir.h"

namespace quoted::appraisal {
namespace {

using ::testing::HasSubstr;

const std::string kA(64, 'a');
const std::string kB(64, 'b');
const std::string kTd(96, 'c');

std::string said(const std::string& text) {
  config::Mistakes mistakes;
  const auto policy = parse_policy(text, mistakes);
  EXPECT_EQ(policy.has_value(), mistakes.empty());
  return mistakes.lines("f");
}

std::string enclave(const std::string& more) { return "version = 1\n[[enclave]]\n" + more; }
std::string signed_enclave(const std::string& more) {
  return enclave("mr_signer = '" + kA + "'\nisv_prod_id = 1\n" + more);
}
std::string td(const std::string& more) {
  return "version = 1\n[[td]]\nmr_td = '" + kTd + "'\n" + more;
}
std::string platform(const std::string& more) {
  return "version = 1\nany_enclave = true\n[platform]\n" + more;
}

TEST(PolicyText, DefaultsAreStrict) {
  const auto policy = parse_policy(signed_enclave(""), "f");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->platform.tcb_status.values, std::vector<std::string_view>{kUpToDate});
  EXPECT_FALSE(policy->platform.grace);
  EXPECT_FALSE(policy->platform.allow_simulated);
  EXPECT_FALSE(policy->any_enclave);
  EXPECT_FALSE(policy->allows_debug());
  EXPECT_EQ(policy->enclaves.size(), 1U);
  EXPECT_EQ(policy->enclaves[0].place, (config::Place{2, 1}));
}

TEST(PolicyText, ErrorsNameFileAndEveryMistake) {
  const auto policy = parse_policy("version = 2\ncolour = 1\n", "dir/p.toml");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().code(), base::ErrorCode::kConfigurationInvalid);
  EXPECT_THAT(policy.error().summary(), HasSubstr("dir/p.toml:1:1: version: 2, expected"));
  EXPECT_THAT(policy.error().summary(), HasSubstr("dir/p.toml:2:1: unknown key 'colour'"));
  EXPECT_THAT(policy.error().summary(), HasSubstr("enclave: missing; name the enclaves"));
}

TEST(PolicyText, EmptyAndHostileTextIsRefused) {
  EXPECT_THAT(said(""), HasSubstr("version: missing"));
  EXPECT_THAT(said("\xff\xfe"), HasSubstr("not TOML"));
  EXPECT_THAT(said("{}"), HasSubstr("not TOML"));
  std::string many = "version = 1\n";
  for (int i = 0; i < 300; ++i) many += "[[enclave]]\nmr_enclave = '" + kA + "'\n";
  EXPECT_THAT(said(many), HasSubstr("more than 256 alternatives"));
}

TEST(PolicyText, SenseOfSigners) {
  EXPECT_THAT(said(enclave("report_data_prefix = '00'\n")), HasSubstr("any enclave would do"));
  EXPECT_THAT(said(enclave("mr_enclave = '" + kA + "'\nisv_prod_id = 1\n")),
              HasSubstr("isv_prod_id: says nothing without mr_signer"));
  EXPECT_THAT(
      said(enclave("mr_enclave = '" + kA + "'\nisv_family_id = '" + std::string(32, '0') + "'\n")),
      HasSubstr("isv_family_id: says nothing without mr_signer"));
  EXPECT_THAT(said(enclave("mr_enclave = '" + kA + "'\nany_product = true\n")),
              HasSubstr("any_product: goes with mr_signer alone"));
  EXPECT_THAT(said(enclave("mr_signer = '" + kA + "'\nany_product = true\nmin_isv_svn = 1\n")),
              HasSubstr("compares versions of different products"));
  EXPECT_THAT(said(enclave("mr_enclave = '" + kA + "'\nmr_signer = '" + kA + "'\n")),
              HasSubstr("the same digits as mr_enclave"));
  EXPECT_EQ(said(enclave("mr_enclave = '" + kA + "'\nmr_signer = '" + kB + "'\nmin_isv_svn = 3\n")),
            "");
  EXPECT_THAT(said(enclave("mr_signer = '" + kA + "'\nany_product = false\n")),
              HasSubstr("isv_prod_id: missing beside mr_signer"));
  // A value that cannot be read is no missing one.
  EXPECT_EQ(said(enclave("mr_signer = 1\nisv_prod_id = 1\n")),
            "f:3:13: enclave[0].mr_signer: an integer, expected a list of strings");
}

TEST(PolicyText, SenseOfAttributes) {
  EXPECT_THAT(said(signed_enclave("attributes = {}\n")), HasSubstr("demands nothing"));
  EXPECT_THAT(said(signed_enclave("attributes = { flags_mask = 2 }\n")),
              HasSubstr("attributes.flags_mask: has no effect without flags"));
  EXPECT_THAT(said(signed_enclave("attributes = { flags = 0, flags_mask = 0 }\n")),
              HasSubstr("selects no bit"));
  EXPECT_THAT(said(signed_enclave("attributes = { flags = 6, flags_mask = 4 }\n")),
              HasSubstr("has the bits 0x0002, which flags_mask leaves out"));
  EXPECT_THAT(said(signed_enclave("attributes = { flags = 4 }\n")),
              HasSubstr("set in every enclave"));
  EXPECT_THAT(said(signed_enclave("attributes = { xfrm = 4, xfrm_mask = 5 }\n")),
              HasSubstr("the bits 0x0001 are clear, which are set in every enclave"));
  EXPECT_THAT(said(signed_enclave("attributes = { flags = 7 }\n")),
              HasSubstr("can never be met: it demands DEBUG"));
  EXPECT_EQ(said(signed_enclave("allow_debug = true\nattributes = { flags = 7 }\n")), "");
  EXPECT_THAT(said(signed_enclave("allow_debug = true\nattributes = { flags = 5 }\n")),
              HasSubstr("f:5:1: enclave[0].allow_debug: has no effect"));
}

TEST(PolicyText, SenseOfTds) {
  EXPECT_THAT(said(td("any_runtime = true\nrt_mr0 = '" + kTd + "'\n")),
              HasSubstr("any_runtime: contradicts the rt_mr"));
  EXPECT_THAT(said(td("any_runtime = true\nxfam = '0200000000000000'\n")),
              HasSubstr("set in every TD"));
  EXPECT_THAT(said(td("any_runtime = true\ntd_attributes = '0100001000000000'\n")),
              HasSubstr("demands DEBUG"));
  EXPECT_THAT(
      said(td("any_runtime = true\nallow_debug = true\ntd_attributes = '0000001000000000'\n")),
      HasSubstr("allow_debug: has no effect: td[0].td_attributes in line 6"));
  EXPECT_THAT(said(td("any_runtime = true\ntd_attributes = '0200000000000000'\n"
                      "td_attributes_mask = '0200000000000000'\n")),
              HasSubstr("has a bit other than DEBUG"));
  EXPECT_THAT(
      said(td("any_runtime = true\n[[td]]\nmr_td = '" + kTd + "'\nrt_mr1 = '" + kTd + "'\n")),
      HasSubstr("td[1]: has no effect, since td[0] in line 2 accepts all"));
}

TEST(PolicyText, SenseOfPlatforms) {
  EXPECT_THAT(said(platform("rejected_advisories = []\n")), HasSubstr("rejects nothing"));
  EXPECT_THAT(said(platform("rejected_advisories = ['CVE-2020-0543']\n")),
              HasSubstr("expected an id as verdicts write it"));
  EXPECT_EQ(said(platform("rejected_advisories = ['SIMULATED-SA-9']\n")), "");
  EXPECT_THAT(said(platform("fmspc = []\n")), HasSubstr("matches nothing"));
  EXPECT_THAT(said(platform("qe_tcb_status = ['SWHardeningNeeded']\n")),
              HasSubstr("unknown status 'SWHardeningNeeded'"));
  EXPECT_EQ(said(platform("qe_tcb_status = ['UpToDate', 'OutOfDate']\n[platform.grace]\n"
                          "max_tcb_age = '30d'\n")),
            "");
  EXPECT_THAT(said(platform("[platform.grace]\ntcb_status = ['UpToDate']\nmax_tcb_age = '1d'\n")),
              HasSubstr("platform.grace.tcb_status: unknown status 'UpToDate'"));
  EXPECT_THAT(said(platform("[platform.grace]\ntcb_status = []\nmax_tcb_age = '1d'\n")),
              HasSubstr("an empty list accepts no platform"));
  EXPECT_EQ(said(platform("tcb_status = ['UpToDate', 'TDRelaunchAdvised']\n")), "");
  EXPECT_THAT(said("version = 1\nany_enclave = true\n[collateral]\nmax_age = '0d'\nmin_age = 1\n"),
              HasSubstr("f:5:1: unknown key 'min_age' in collateral; did you mean 'max_age'?"));
}

TEST(PolicyText, WhatIsBetterPassesToo) {
  EXPECT_EQ(
      said(platform("tcb_status = 'OutOfDate'\n")),
      "f:4:1: platform.tcb_status: UpToDate is missing: what is better than OutOfDate would be "
      "refused; put it into the list");
  EXPECT_THAT(
      said(platform("tcb_status = ['UpToDate', 'OutOfDate']\nqe_tcb_status = 'OutOfDate'\n")),
      HasSubstr("qe_tcb_status: UpToDate is missing"));
}

TEST(PolicyText, TopLevelDebugGoesWithAnyEnclave) {
  EXPECT_THAT(said("version = 1\nallow_debug = true\n[[enclave]]\nmr_enclave = '" + kA + "'\n"),
              HasSubstr("f:2:1: allow_debug: at the top level it goes with"));
  EXPECT_EQ(said("version = 1\nallow_debug = true\nany_enclave = true\n"), "");
  EXPECT_THAT(said("version = 1\nany_enclave = false\n"), HasSubstr("enclave: missing"));
}

TEST(PolicyText, IsLoadedFromAFile) {
  const test::TempDir directory;
  const std::string path = directory / "p.toml";
  EXPECT_EQ(load_policy(path).error().code(), base::ErrorCode::kFileUnreadable);
  ASSERT_TRUE(base::write_file(path, base::as_bytes("version = 3"), 0644));
  EXPECT_THAT(load_policy(path).error().summary(), HasSubstr(path + ":1:1: version: 3"));
}

}  // namespace
}  // namespace quoted::appraisal
