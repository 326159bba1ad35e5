#include "quoted_inproc/simulated/refusal.h"

#include <gtest/gtest.h>

namespace quoted::inproc {
namespace {

using base::Error;
using base::ErrorCode;

std::uint32_t code_of(ErrorCode code) {
  return static_cast<std::uint32_t>(refusal_of(Error(code, "why")).code);
}

TEST(InprocRefusal, SpeaksTheNumbersOfTheQuotingLibrary) {
  EXPECT_EQ(code_of(ErrorCode::kProvisioningRefused), 0xE00DU);
  EXPECT_EQ(code_of(ErrorCode::kPceInterfaceUnavailable), 0xE00DU);
  EXPECT_EQ(code_of(ErrorCode::kEnclaveFileUnusable), 0xE016U);
  EXPECT_EQ(code_of(ErrorCode::kOutOfEpc), 0xE012U);
  EXPECT_EQ(code_of(ErrorCode::kPceOutOfEpc), 0xE012U);
  EXPECT_EQ(code_of(ErrorCode::kEnclaveLost), 0xE014U);
  EXPECT_EQ(code_of(ErrorCode::kAttestationKeyNotInitialized), 0xE00FU);
  EXPECT_EQ(code_of(ErrorCode::kQuoteBufferTooSmall), 0xE002U);
  EXPECT_EQ(code_of(ErrorCode::kQeInvalidReport), 0xE015U);
  EXPECT_EQ(code_of(ErrorCode::kQeReportGeneration), 0xE017U);
  EXPECT_EQ(code_of(ErrorCode::kPceInvalidTcb), 0xE018U);
  EXPECT_EQ(code_of(ErrorCode::kPceInvalidPrivilege), 0xE035U);
  EXPECT_EQ(code_of(ErrorCode::kPckSelectionFailed), 0xE011U);
  EXPECT_EQ(code_of(ErrorCode::kInternal), 0xE001U);
  EXPECT_EQ(code_of(ErrorCode::kQeCrypto), 0xE001U);
}

TEST(InprocRefusal, NamesTheRemedyAndTheId) {
  const auto refused = refusal_of(Error(ErrorCode::kProvisioningRefused, "no right"));
  EXPECT_TRUE(refused.reason.starts_with("no right; set SGX_AESM_ADDR=1")) << refused.reason;
  EXPECT_TRUE(refused.reason.ends_with("[QD7104]")) << refused.reason;
  EXPECT_EQ(refusal_of(Error(ErrorCode::kQuoteBufferTooSmall, "small")).reason, "small [QD7001]");
}

TEST(InprocRefusal, PassesOnWhatTheProviderSaid) {
  const auto refusal =
      refusal_of(Error(ErrorCode::kInternal, "the provider says no").with_peer_code(0xE047));
  EXPECT_EQ(static_cast<std::uint32_t>(refusal.code), 0xE047U);
  EXPECT_EQ(refusal.reason, "the provider says no");
}

}  // namespace
}  // namespace quoted::inproc
