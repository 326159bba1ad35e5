// Reading and judging quotes with libquoted: recorded ones, and those of a simulated platform.
#include "quoted/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quoted/client.h"
#include "sgx_quote_ex/real_daemon.h"

namespace quoted {
namespace {

using testing::HasSubstr;

Bytes read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Bytes real_quote(const std::string& name) {
  return read_file(QUOTED_VECTORS_DIR "/real-quotes/" + name);
}

constexpr std::chrono::sys_seconds kIn2024{std::chrono::seconds(1'717'200'000)};

TEST(LibquotedQuote, ReadsATd) {
  const auto claims = read_quote(real_quote("tdx-v4.bin"));
  ASSERT_TRUE(claims) << claims.error().explanation();
  EXPECT_EQ(claims->version, 4);
  ASSERT_TRUE(claims->td);
  EXPECT_FALSE(claims->enclave);
  EXPECT_THAT(claims->td->mr_td, testing::Contains(testing::Ne(0)));
}

TEST(LibquotedQuote, PassesOverWhatIsBehindTheQuote) {
  Bytes quote = real_quote("sgx-v3-processor.bin");
  const auto alone = read_quote(quote);
  ASSERT_TRUE(alone);
  quote.resize(quote.size() + 100);
  const auto padded = read_quote(quote);
  ASSERT_TRUE(padded);
  EXPECT_EQ(padded->size, alone->size);
}

TEST(LibquotedQuote, NamesWhatIsWrong) {
  const Bytes quote = real_quote("sgx-v3-processor.bin");
  const auto cut = read_quote(ByteView(quote).first(500));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().name, "QUOTE_MALFORMED");
  EXPECT_FALSE(read_quote({}));
}

TEST(LibquotedVerifier, HardwareIsTrustedByIntelsRoot) {
  const Verdict verdict =
      Verifier::for_intel().verify(real_quote("sgx-v3-processor.bin"), {.at = kIn2024});
  EXPECT_NE(verdict.decision, Decision::kRefused)
      << (verdict.refusal ? verdict.refusal->explanation() : "");
  EXPECT_FALSE(verdict.simulated);
  EXPECT_FALSE(verdict.collateral_checked);
  EXPECT_THAT(verdict.root, HasSubstr("Intel"));
}

TEST(LibquotedVerifier, AForgedQuoteIsRefusedWithTheReason) {
  Bytes quote = real_quote("sgx-v3-processor.bin");
  quote[112] ^= 1;  // MRENCLAVE
  const Verdict verdict = Verifier::for_intel().verify(quote, {.at = kIn2024});
  EXPECT_EQ(verdict.decision, Decision::kRefused);
  ASSERT_TRUE(verdict.refusal);
  EXPECT_EQ(verdict.refusal->name, "QUOTE_SIGNATURE_INVALID");
}

TEST(LibquotedVerifier, ADebugEnclaveIsRefusedUnlessItIsAllowed) {
  const Bytes quote = real_quote("sgx-v3-platform-debug.bin");
  const Verdict refused = Verifier::for_intel().verify(quote, {.at = kIn2024});
  EXPECT_EQ(refused.decision, Decision::kRefused);
  ASSERT_TRUE(refused.refusal);
  EXPECT_EQ(refused.refusal->name, "DEBUG_ENCLAVE");
  const Verdict allowed = Verifier::for_intel().verify(quote, {.at = kIn2024, .allow_debug = true});
  EXPECT_EQ(allowed.decision, Decision::kVerifiedWithWarnings)
      << (allowed.refusal ? allowed.refusal->explanation() : "");
}

TEST(LibquotedVerifier, WhatCannotBeReadIsNamed) {
  const auto verifier = Verifier::for_root("/nowhere/root.pem");
  ASSERT_FALSE(verifier);
  EXPECT_THAT(verifier.error().message, HasSubstr("/nowhere/root.pem"));
  const auto collateral = Collateral::read("/nowhere/collateral");
  ASSERT_FALSE(collateral);
  EXPECT_THAT(collateral.error().message, HasSubstr("/nowhere/collateral"));
}

TEST(LibquotedVerifier, ASimulatedPlatformIsTrustedOnlyByNamingItsRoot) {
  test::RealDaemon daemon;
  daemon.start();
  daemon.wait_until_it_serves();
  const auto quote = Client({.socket = daemon.socket()}).quote(read_file(daemon.make_report()));
  ASSERT_TRUE(quote) << quote.error().explanation();

  const Verdict refused = Verifier::for_intel().verify(*quote);
  EXPECT_EQ(refused.decision, Decision::kRefused);
  EXPECT_TRUE(refused.simulated);
  ASSERT_TRUE(refused.refusal);
  EXPECT_EQ(refused.refusal->name, "SIMULATED_ROOT_NOT_TRUSTED");

  const std::string collateral = daemon.make_collateral();
  const auto verifier = Verifier::for_root(collateral + "/root.pem");
  ASSERT_TRUE(verifier) << verifier.error().explanation();
  const auto documents = Collateral::read(collateral);
  ASSERT_TRUE(documents) << documents.error().explanation();
  const Verdict verdict = verifier->verify(*quote, *documents);
  EXPECT_EQ(verdict.decision, Decision::kVerified)
      << (verdict.refusal ? verdict.refusal->explanation() : "");
  EXPECT_TRUE(verdict.simulated);
  EXPECT_TRUE(verdict.collateral_checked);
  EXPECT_EQ(verdict.tcb_status, "UpToDate");
  EXPECT_TRUE(verdict.earliest_expiration);
  ASSERT_TRUE(verdict.claims);
  EXPECT_TRUE(verdict.claims->enclave);
}

}  // namespace
}  // namespace quoted
