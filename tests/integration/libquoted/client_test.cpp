// The client of libquoted against the real daemon, and where there is none.
#include "quoted/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "quoted/quote.h"
#include "sgx_quote_ex/real_daemon.h"

namespace quoted {
namespace {

using testing::HasSubstr;
using testing::Not;

Bytes read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class LibquotedClient : public testing::Test {
 protected:
  void SetUp() override {
    daemon_.start();
    daemon_.wait_until_it_serves();
    report_ = read_file(daemon_.make_report());
  }

  [[nodiscard]] Client client() const { return Client({.socket = daemon_.socket()}); }

  test::RealDaemon daemon_;
  Bytes report_;
};

TEST_F(LibquotedClient, QuotesAReport) {
  const auto quote = client().quote(report_);
  ASSERT_TRUE(quote) << quote.error().explanation();
  const auto claims = read_quote(*quote);
  ASSERT_TRUE(claims) << claims.error().explanation();
  EXPECT_EQ(claims->version, 3);
  EXPECT_EQ(claims->size, quote->size());
  EXPECT_EQ(claims->certification_type, 5);
  EXPECT_FALSE(claims->debug);
  ASSERT_TRUE(claims->enclave);
  EXPECT_FALSE(claims->td);
  // The body of the REPORT, as the quote has it.
  EXPECT_TRUE(std::equal(claims->enclave->mr_enclave.begin(), claims->enclave->mr_enclave.end(),
                         report_.begin() + 64));
  EXPECT_TRUE(std::equal(claims->enclave->mr_signer.begin(), claims->enclave->mr_signer.end(),
                         report_.begin() + 128));
  EXPECT_TRUE(
      std::equal(claims->report_data.begin(), claims->report_data.end(), report_.begin() + 320));
  EXPECT_TRUE(std::equal(claims->enclave->cpu_svn.begin(), claims->enclave->cpu_svn.end(),
                         report_.begin()));
}

TEST_F(LibquotedClient, NamesTheEnclaveToMakeReportsFor) {
  const auto target = client().target();
  ASSERT_TRUE(target) << target.error().explanation();
  EXPECT_THAT(target->target_info, Not(testing::Each(0)));
  // The key's id stands in the report data of the QE's REPORT in every quote.
  const auto quote = client().quote(report_);
  ASSERT_TRUE(quote);
  EXPECT_TRUE(
      std::equal(target->pub_key_id.begin(), target->pub_key_id.end(), quote->begin() + 564 + 320));
}

TEST_F(LibquotedClient, HasAQuoteVouchedFor) {
  const Bytes nonce(kNonceSize, 0x5a);
  const auto target = client().target();
  ASSERT_TRUE(target);
  const auto vouched = client().quote(report_, nonce, target->target_info);
  ASSERT_TRUE(vouched) << vouched.error().explanation();
  EXPECT_TRUE(read_quote(vouched->quote));
  // The REPORT is the QE's.
  EXPECT_TRUE(std::equal(target->target_info.begin(), target->target_info.begin() + 32,
                         vouched->qe_report.begin() + 64));
}

TEST_F(LibquotedClient, RefusalsCarryTheCodeOfTheService) {
  report_[400] ^= 1;  // of the MAC's key id
  const auto quote = client().quote(report_);
  ASSERT_FALSE(quote);
  EXPECT_EQ(quote.error().name, "SERVICE_REFUSED");
  EXPECT_EQ(quote.error().service_code, 47U);
  EXPECT_THAT(quote.error().message, HasSubstr("AESM_INVALID_REPORT"));
}

TEST_F(LibquotedClient, StructuresOfAnotherSizeAreRefusedBeforeAnythingIsSent) {
  const Client absent({.socket = "/nowhere/aesm.socket"});
  const Bytes nonce(kNonceSize);
  const Bytes target(kTargetInfoSize);
  for (const auto& refused : {absent.quote(ByteView(report_).first(431)).error(),
                              absent.quote(ByteView(report_).first(431), nonce, target).error(),
                              absent.quote(report_, ByteView(nonce).first(15), target).error(),
                              absent.quote(report_, nonce, ByteView(target).first(511)).error()}) {
    EXPECT_EQ(refused.name, "WRONG_SIZE") << refused.explanation();
  }
}

TEST(LibquotedClientAlone, AnAbsentServiceIsNamedWithTheRemedy) {
  const auto target =
      Client({.socket = "/nowhere/aesm.socket", .longest_absence = std::chrono::milliseconds(0)})
          .target();
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().id, "QD4005");
  EXPECT_THAT(target.error().message, HasSubstr("/nowhere/aesm.socket"));
  EXPECT_THAT(target.error().explanation(), HasSubstr("start quoted"));
}

}  // namespace
}  // namespace quoted
