#include "verification/supplemental.h"

#include <gmock/gmock.h>

#include "verification/testing/vector_cases.h"

namespace quoted::verification {
namespace {

using testing::VectorCase;

VectorCase vector_named(const std::string& name) {
  for (VectorCase& candidate : testing::vector_cases()) {
    if (candidate.name == name) return candidate;
  }
  throw std::runtime_error("there is no vector " + name);
}

Verdict verdict_of(const VectorCase& vector, bool advisory_list = true) {
  return Verifier({vector.trusted_root()})
      .verify(vector.file("quote.bin"), collateral::ParsedCollateral::parse(vector.collateral()),
              vector.at, {.mode = Mode::kIntel, .advisory_list = advisory_list});
}

// All expected values were read from the vectors' files with the tools of OpenSSL.
constexpr std::string_view kIntelRootKeyId =
    "46e403bd34f05a3f2817ab9badcaacc7ffc98e0f261008cd30dae936cace18d5"
    "dcf58eef31463613de1570d516200993";

TEST(Supplemental, TellsOfAPlatformWithSeveralPackages) {
  const Supplemental data =
      supplemental_of(verdict_of(vector_named("sgx-v3-platform-sw-hardening")),
                      SupplementalVersion::k3_3)
          .value();
  EXPECT_EQ(data.major_version, 3);
  EXPECT_EQ(data.minor_version, 3);
  EXPECT_EQ(data.earliest_issue_date, 1526899510);
  EXPECT_EQ(data.latest_issue_date, 1755236486);
  EXPECT_EQ(data.earliest_expiration_date, 1757824606);
  EXPECT_EQ(data.tcb_level_date_tag, 1710288000);
  EXPECT_EQ(data.pck_crl_num, 1);
  EXPECT_EQ(data.root_ca_crl_num, 1);
  EXPECT_EQ(data.tcb_eval_ref_num, 17);
  EXPECT_EQ(data.root_key_id.hex(), kIntelRootKeyId);
  EXPECT_EQ(data.pck_ppid.hex(), "186950b6d8d014d89f0c144d1d90ebad");
  EXPECT_EQ(data.tcb_cpusvn.hex(), "0e0e0303ffff01000000000000000000");
  EXPECT_EQ(data.tcb_pce_isvsvn, 13);
  EXPECT_EQ(data.pce_id.hex(), "0000");
  EXPECT_EQ(data.tee_type, 0);
  EXPECT_EQ(data.sgx_type, 1);
  EXPECT_EQ(data.platform_instance_id.hex(), "7f96822f9d6421e505d4f256f65c5338");
  EXPECT_EQ(data.dynamic_platform, kFlagTrue);
  EXPECT_EQ(data.cached_keys, kFlagUndefined);  // false in the certificate
  EXPECT_EQ(data.smt_enabled, kFlagFalse);
  EXPECT_STREQ(data.sa_list.data(), "INTEL-SA-00615");
  EXPECT_EQ(data.qe_iden_earliest_issue_date, 1526899510);
  EXPECT_EQ(data.qe_iden_latest_issue_date, 1746523500);
  EXPECT_EQ(data.qe_iden_earliest_expiration_date, 1967448300);
  EXPECT_EQ(data.qe_iden_tcb_level_date_tag, 1710288000);
  EXPECT_EQ(data.qe_iden_tcb_eval_ref_num, 17);
  EXPECT_EQ(data.qe_iden_status, 0);
}

TEST(Supplemental, LeavesOpenWhatAProcessorsCertificateDoesNotSay) {
  const Supplemental data =
      supplemental_of(verdict_of(vector_named("sgx-v3-processor-out-of-date-eval19")),
                      SupplementalVersion::k3_3)
          .value();
  EXPECT_EQ(data.latest_issue_date, 1748374268);
  EXPECT_EQ(data.earliest_expiration_date, 1750963585);
  EXPECT_EQ(data.tcb_eval_ref_num, 17);  // the TCB info has 19
  EXPECT_EQ(data.qe_iden_tcb_eval_ref_num, 17);
  EXPECT_EQ(data.pck_ppid.hex(), "0d88ad89fec7f27070560d87fbc3ce1a");
  EXPECT_EQ(data.sgx_type, 0);
  EXPECT_TRUE(data.platform_instance_id.is_zero());
  EXPECT_EQ(data.dynamic_platform, kFlagUndefined);
  EXPECT_EQ(data.cached_keys, kFlagUndefined);
  EXPECT_EQ(data.smt_enabled, kFlagUndefined);
  EXPECT_STREQ(data.sa_list.data(),
               "INTEL-SA-01153,INTEL-SA-00219,INTEL-SA-00289,INTEL-SA-00334,INTEL-SA-00615");
}

TEST(Supplemental, SaysOfATdWhatItSaysOfItsPlatform) {
  const Supplemental data =
      supplemental_of(verdict_of(vector_named("tdx-v4-up-to-date")), SupplementalVersion::k3_3)
          .value();
  EXPECT_EQ(data.tee_type, 0);
  EXPECT_EQ(data.tcb_level_date_tag, 1710288000);
  EXPECT_EQ(data.tcb_cpusvn.hex(), "03030202040100050000000000000000");
  EXPECT_EQ(data.cached_keys, kFlagTrue);
  EXPECT_EQ(data.smt_enabled, kFlagTrue);
  EXPECT_EQ(data.sa_list.front(), '\0');
}

TEST(Supplemental, OldVersionHasNoAdvisories) {
  const Supplemental data =
      supplemental_of(verdict_of(vector_named("sgx-v3-platform-sw-hardening")),
                      SupplementalVersion::k3_0)
          .value();
  EXPECT_EQ(data.major_version, 3);
  EXPECT_EQ(data.minor_version, 0);
  EXPECT_EQ(data.sa_list.front(), '\0');
  EXPECT_EQ(data.qe_iden_tcb_eval_ref_num, 17);
}

TEST(Supplemental, SaysWhatTheReferenceSaidOfEveryRecordedCase) {
  int compared = 0;
  for (const VectorCase& vector : testing::vector_cases()) {
    SCOPED_TRACE(vector.name);
    const Verdict verdict = verdict_of(vector);
    const auto data = supplemental_of(verdict, SupplementalVersion::k3_3);
    ASSERT_EQ(data.has_value(), vector.qv_return == 0);
    if (!data) continue;
    ++compared;
    std::string advisories;
    for (const std::string& advisory : vector.advisories) {
      advisories += (advisories.empty() ? "" : ",") + advisory;
    }
    EXPECT_EQ(std::string(data->sa_list.data()), advisories);
    EXPECT_EQ(data->tcb_eval_ref_num, vector.evaluation_number);
    EXPECT_EQ(data->tcb_level_date_tag, vector.tcb_date);
  }
  EXPECT_GT(compared, 30);
}

TEST(Supplemental, TooManyAdvisoriesMatterOnlyWhereTheyAreListed) {
  const VectorCase vector = vector_named("tcb_21_advisories");
  EXPECT_FALSE(supplemental_of(verdict_of(vector), SupplementalVersion::k3_3));
  const Verdict without_list = verdict_of(vector, false);
  EXPECT_EQ(without_list.collateral->qv_return, QvReturn::kSuccess);
  EXPECT_TRUE(supplemental_of(without_list, SupplementalVersion::k3_0));
}

TEST(Supplemental, AreNoneWithoutCollateral) {
  const VectorCase vector = vector_named("sgx-v3-platform-sw-hardening");
  const Verdict verdict =
      Verifier({vector.trusted_root()}).verify(vector.file("quote.bin"), vector.at);
  ASSERT_NE(verdict.decision, Decision::kRefused);
  const auto data = supplemental_of(verdict, SupplementalVersion::k3_3);
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().code(), base::ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace quoted::verification
