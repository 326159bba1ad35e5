// The samples of all interfaces do what their first lines say, against the real daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sgx_quote_ex/real_daemon.h"

namespace quoted {
namespace {

using test::Environment;
using test::ProcessResult;
using test::run;
using testing::HasSubstr;

class ApiSamples : public testing::Test {
 protected:
  void SetUp() override {
    daemon_.start();
    daemon_.wait_until_it_serves();
    report_ = daemon_.make_report();
    collateral_ = daemon_.make_collateral();
    root_ = collateral_ + "/root.pem";
  }

  test::RealDaemon daemon_;
  std::string report_;
  std::string root_;
  std::string collateral_;
  Environment environment_{{"QUOTED_SOCKET", daemon_.socket()}};
};

TEST_F(ApiSamples, CGetsAQuoteThatVerifies) {
  const std::string quote = daemon_.directory() / "quote";
  const ProcessResult result = run({SAMPLE_QUOTE, report_, quote}, environment_);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("written to " + quote));
  daemon_.must_verify(quote);
}

TEST_F(ApiSamples, CSaysWhichCallFailed) {
  const ProcessResult result =
      run({SAMPLE_QUOTE, report_, daemon_.directory() / "quote"},
          {{"QUOTED_SOCKET", "/nowhere/aesm.socket"}, {"QUOTED_RETRY", "off"}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("sgx_select_att_key_id returns 0x4001"));
}

TEST_F(ApiSamples, CxxGetsAQuoteAndJudgesIt) {
  const ProcessResult result =
      run({SAMPLE_QUOTE_AND_VERIFY, report_, root_, collateral_}, environment_);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("SIMULATED-NO-SECURITY"));
  EXPECT_THAT(result.out, HasSubstr("TCB status: UpToDate"));
  EXPECT_THAT(result.out, HasSubstr("MRENCLAVE: "));
}

#ifdef PYTHON_PROGRAM
TEST_F(ApiSamples, PythonGetsAQuoteAndJudgesIt) {
  environment_["SGX_AESM_ADDR"] = "1";
  environment_["QUOTED_TRUSTED_ROOT"] = root_;
  environment_["LD_LIBRARY_PATH"] = SAMPLE_LIBRARIES;
  const ProcessResult result =
      run({PYTHON_PROGRAM, SAMPLE_PYTHON, report_, collateral_}, environment_);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("result: OK"));
}
#endif

TEST_F(ApiSamples, CxxSaysWhyThereIsNoQuote) {
  const ProcessResult result =
      run({SAMPLE_QUOTE_AND_VERIFY, root_, root_, collateral_}, environment_);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("no quote: "));
  EXPECT_THAT(result.err, HasSubstr("REPORT"));
}

}  // namespace
}  // namespace quoted
