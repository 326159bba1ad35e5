// A simulated platform from end to end: a daemon's quote, the collateral of its world in every
// state that a TCB can have, and what quotectl makes of both.
#include "quotectl_fixture.h"

namespace quoted::quotectl {
namespace {

using nlohmann::ordered_json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class VerifySimulated : public QuotectlTest {
 protected:
  // One quote for all tests: they differ in the collateral.
  void SetUp() override { make_quote("quote"); }

  // Issues collateral for the shared daemon's quotes into `name`.
  void issue(const std::string& name, std::vector<std::string> more = {}) const {
    more.insert(more.begin(),
                {"sim", "collateral", "--out", file(name), "--state-dir", daemon().state_dir()});
    const auto result = quotectl(more);
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  [[nodiscard]] test::ProcessResult verify(const std::string& name,
                                           std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"verify", file("quote"), "--root", file(name) + "/root.pem",
                               "--collateral", file(name)});
    return quotectl(more);
  }
  [[nodiscard]] ordered_json verify_json(const std::string& name,
                                         std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    return ordered_json::parse(verify(name, more).out);
  }
};

void expect_refused(const test::ProcessResult& result, const std::string& code) {
  EXPECT_EQ(result.exit_code, kRefused) << result.out;
  EXPECT_THAT(result.out, AllOf(StartsWith("REFUSED: "), HasSubstr("  code:   " + code),
                                HasSubstr(kSimulated), Not(HasSubstr("VERIFIED")),
                                Not(HasSubstr("UpToDate")), Not(HasSubstr("enclave:\n"))));
}

TEST_F(VerifySimulated, FreshPlatformIsUpToDate) {
  issue("out");
  const auto result = verify("out");
  EXPECT_EQ(result.exit_code, kVerified) << result.out;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out,
              AllOf(StartsWith("VERIFIED\n"), HasSubstr(kSimulated),
                    HasSubstr("\n  tcb_status: UpToDate\n"),
                    HasSubstr("\n  qe_tcb_status: UpToDate\n"), HasSubstr("\n  advisories: none\n"),
                    Not(HasSubstr("[FAIL]")), Not(HasSubstr("[WARN]"))));
  const ordered_json json = verify_json("out", {"--compat", "intel"});
  EXPECT_EQ(json["status"], "verified");
  EXPECT_EQ(json["simulated"], true);
  EXPECT_EQ(json["qv_return"], "0x0000");
  EXPECT_TRUE(json["differences"].empty());
  for (const char* const step : {"pck", "tcb_info", "qe_identity", "quote"}) {
    EXPECT_EQ(json["steps"][step]["name"], "OK") << step;
  }
}

TEST_F(VerifySimulated, OtherFormsOfCollateralDoToo) {
  issue("version2", {"--tcb-info-version", "2"});
  EXPECT_EQ(verify("version2").exit_code, kVerified);
  issue("out");
  ASSERT_EQ(quotectl({"collateral", "bundle", file("out"), "--out", file("bundle")}).exit_code, 0);
  EXPECT_EQ(quotectl({"verify", file("quote"), "--root", file("out") + "/root.pem", "--collateral",
                      file("bundle")})
                .out,
            verify("out").out);
}

// The table of quote-verification 13.
TEST_F(VerifySimulated, PlatformAndQeStatusConverge) {
  struct Row {
    const char* platform;
    const char* qe_up_to_date;  // what both are worth together
    const char* qe_out_of_date;
  };
  for (const Row& row :
       {Row{"UpToDate", "UpToDate", "OutOfDate"},
        Row{"SWHardeningNeeded", "SWHardeningNeeded", "OutOfDate"},
        Row{"ConfigurationNeeded", "ConfigurationNeeded", "OutOfDateConfigurationNeeded"},
        Row{"ConfigurationAndSWHardeningNeeded", "ConfigurationAndSWHardeningNeeded",
            "OutOfDateConfigurationNeeded"},
        Row{"OutOfDate", "OutOfDate", "OutOfDate"},
        Row{"OutOfDateConfigurationNeeded", "OutOfDateConfigurationNeeded",
            "OutOfDateConfigurationNeeded"}}) {
    SCOPED_TRACE(row.platform);
    for (const auto& [qe, expected] :
         {std::pair{"UpToDate", row.qe_up_to_date}, std::pair{"OutOfDate", row.qe_out_of_date}}) {
      issue("out", {"--status", row.platform, "--qe-status", qe, "--advisory", "SIMULATED-SA-9"});
      const auto result = verify("out");
      EXPECT_EQ(result.exit_code,
                std::string_view(expected) == "UpToDate" ? kVerified : kVerifiedWithWarnings);
      EXPECT_THAT(result.out, AllOf(HasSubstr(std::string("\n  tcb_status: ") + expected + '\n'),
                                    HasSubstr(std::string("\n  qe_tcb_status: ") + qe + '\n'),
                                    HasSubstr("\n  advisories: SIMULATED-SA-9\n")));
    }
    issue("out", {"--status", row.platform, "--qe-status", "Revoked"});
    expect_refused(verify("out"), "QD8214");
    EXPECT_EQ(verify_json("out", {"--compat", "intel"})["qv_return"], "0xE032");
  }
}

TEST_F(VerifySimulated, RevokedTcbIsRefused) {
  for (const char* const qe : {"UpToDate", "OutOfDate", "Revoked"}) {
    issue("out", {"--status", "Revoked", "--qe-status", qe});
    expect_refused(verify("out"), "QD8214");
    const ordered_json json = verify_json("out", {"--compat", "intel"});
    EXPECT_EQ(json["status"], "refused");
    EXPECT_EQ(json["qv_return"], "0xE032");
    EXPECT_EQ(json["qv_result"], "0xA006");
  }
}

TEST_F(VerifySimulated, RevokedCertificatesAreRefused) {
  for (const auto& [what, step] : {std::pair{"pck", "pck"}, std::pair{"intermediate", "pck"},
                                   std::pair{"tcb-signing", "tcb_info"}}) {
    SCOPED_TRACE(what);
    issue("out", {"--revoke", what});
    expect_refused(verify("out"), "QD8208");
    const ordered_json json = verify_json("out", {"--compat", "intel"});
    EXPECT_EQ(json["status"], "refused");
    EXPECT_EQ(json["qv_return"], "0xE031");
    EXPECT_THAT(json["steps"][step]["name"].get<std::string>(), HasSubstr("REVOKED"));
  }
  // Of another platform.
  issue("out", {"--revoke-serial", "0a0b"});
  EXPECT_EQ(verify("out").exit_code, kVerified);
}

// Intel's verifier says success and raises a flag; the strict one refuses.
TEST_F(VerifySimulated, ExpiredCollateralIsRefused) {
  const auto at = [](int year) { return std::to_string(year) + "-01-02T00:00:00Z"; };
  issue("out", {"--valid-days", "10", "--time", at(2030)});
  EXPECT_EQ(verify("out", {"--time", "2030-01-03T00:00:00Z"}).exit_code, kVerified);
  const std::vector<std::string> later = {"--time", "2030-01-13T00:00:00Z"};
  expect_refused(verify("out", later), "QD8209");
  const ordered_json strict = verify_json("out", later);
  EXPECT_EQ(strict["qv_return"], "0xE02E");
  EXPECT_EQ(strict["differences"][0]["rule"], "strict.expiry");

  std::vector<std::string> intel = later;
  intel.insert(intel.end(), {"--compat", "intel"});
  const auto lax = verify("out", intel);
  EXPECT_EQ(lax.exit_code, kVerifiedWithWarnings);
  EXPECT_THAT(lax.out, AllOf(HasSubstr("\n  expiration_status: 1\n"),
                             HasSubstr("warning: a part of the collateral was out of date"),
                             HasSubstr("strict would refuse: strict.expiry: ")));
}

TEST_F(VerifySimulated, CollateralThatHasNotBegunIsRefused) {
  issue("out", {"--time", "2030-01-02T00:00:00Z"});
  const std::vector<std::string> before = {"--time", "2030-01-01T00:00:00Z"};
  EXPECT_EQ(verify("out", before).exit_code, kRefused);
}

TEST_F(VerifySimulated, CollateralOfAnotherWorldIsRefused) {
  issue("out");
  // The root is the same, but the certificates are not those of the daemon.
  ASSERT_EQ(quotectl({"sim", "collateral", "--out", file("other")}).exit_code, 0);
  const auto crossed = quotectl({"verify", file("quote"), "--root", file("out") + "/root.pem",
                                 "--collateral", file("other")});
  EXPECT_EQ(crossed.exit_code, kRefused) << crossed.out;
  issue("line", {"--fmspc", "00a067110000"});
  expect_refused(verify("line"), "QD8211");
  EXPECT_EQ(verify_json("line")["qv_return"], "0xE024");
  issue("ca", {"--platform-ca", "processor"});
  EXPECT_EQ(verify("ca").exit_code, kRefused);
}

TEST_F(VerifySimulated, NobodyTakesItForIntels) {
  issue("out");
  const auto result = quotectl({"verify", file("quote"), "--collateral", file("out")});
  EXPECT_EQ(result.exit_code, kRefused);
  EXPECT_THAT(result.out, AllOf(StartsWith("REFUSED: "), HasSubstr(kSimulated)));
  const ordered_json json =
      ordered_json::parse(quotectl({"verify", file("quote"), "--collateral", file("out"),
                                    "--compat", "intel", "--json"})
                              .out);
  EXPECT_EQ(json["qv_return"], "0xE022");
}

}  // namespace
}  // namespace quoted::quotectl
