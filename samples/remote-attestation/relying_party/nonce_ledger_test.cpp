#include "relying_party/nonce_ledger.h"

#include <gmock/gmock.h>

namespace quoted::sample {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr NonceLedger::Time kStart{};

TEST(NonceLedger, TakesOneAnswerToEachNonce) {
  NonceLedger ledger(100ms);
  const Nonce first = ledger.issue(kStart).value();
  const Nonce second = ledger.issue(kStart).value();
  EXPECT_NE(first, second);
  EXPECT_TRUE(ledger.redeem(first, kStart));
  EXPECT_THAT(ledger.redeem(first, kStart).error(), HasSubstr("is a replay"));
  EXPECT_TRUE(ledger.redeem(second, kStart));
}

TEST(NonceLedger, AnswersAreGoodUntilTheEndOfTheWindow) {
  NonceLedger ledger(100ms);
  const Nonce in_time = ledger.issue(kStart).value();
  EXPECT_TRUE(ledger.redeem(in_time, kStart + 100ms));
  const Nonce late = ledger.issue(kStart).value();
  EXPECT_EQ(ledger.redeem(late, kStart + 100ms + 1ns).error(),
            "the evidence is stale: its nonce was issued 101 ms ago and was good for 100 ms");
}

// Else one could wait for an answer that is refused, and send it again until it is not.
TEST(NonceLedger, ARefusedAnswerUsesTheNonceUp) {
  NonceLedger ledger(100ms);
  const Nonce nonce = ledger.issue(kStart).value();
  EXPECT_FALSE(ledger.redeem(nonce, kStart + 1s));
  EXPECT_THAT(ledger.redeem(nonce, kStart).error(), HasSubstr("is a replay"));
}

TEST(NonceLedger, OtherNoncesAreWrong) {
  NonceLedger ledger(100ms);
  EXPECT_THAT(ledger.redeem(Nonce(), kStart).error(), HasSubstr("the nonce is wrong"));
  Nonce nonce = ledger.issue(kStart).value();
  nonce.mutable_view()[31] ^= std::byte{1};
  EXPECT_THAT(ledger.redeem(nonce, kStart).error(), HasSubstr("the nonce is wrong"));
}

TEST(NonceLedger, ForgetsTheOldestOfVeryMany) {
  NonceLedger ledger(100ms);
  const Nonce first = ledger.issue(kStart).value();
  const Nonce second = ledger.issue(kStart).value();
  for (int i = 0; i < 1023; ++i) ASSERT_TRUE(ledger.issue(kStart));
  EXPECT_THAT(ledger.redeem(first, kStart).error(), HasSubstr("the nonce is wrong"));
  EXPECT_TRUE(ledger.redeem(second, kStart));
}

}  // namespace
}  // namespace quoted::sample
