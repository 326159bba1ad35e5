#include <gmock/gmock.h>

#include "verification/testing/forge.h"
#include "verification/testing/vector_cases.h"

namespace quoted::verification {
namespace {

using base::ErrorCode;
using testing::Forge;
using testing::Forged;

ErrorCode check(const Forged& world, base::UnixTime at) {
  const auto prepared = PreparedCollateral::prepare(world.collateral).value();
  const auto status = Verifier(world.roots).check(prepared, at);
  return status ? ErrorCode::kInternal : status.error().code();
}

// Of the collateral after one change to its plan.
ErrorCode check_spoilt(const std::function<void(Forge&)>& spoil) {
  Forge plan = Forge::sgx();
  spoil(plan);
  const Forged world = plan.make();
  return check(world, world.at);
}

TEST(CollateralCheck, GenuineCollateralIsGood) {
  for (const auto& plan : {Forge::sgx(), Forge::tdx10()}) {
    const Forged world = plan.make();
    EXPECT_EQ(check(world, world.at), ErrorCode::kInternal);
  }
  int checked = 0;
  for (const testing::VectorCase& vector : testing::vector_cases()) {
    if (vector.qv_return != 0 || vector.expiration_status != 0) continue;
    const auto prepared = PreparedCollateral::prepare(vector.collateral()).value();
    const auto status = Verifier({vector.trusted_root()}).check(prepared, vector.at);
    EXPECT_TRUE(status) << vector.name << ": " << status.error().summary();
    ++checked;
  }
  EXPECT_GT(checked, 20);
}

TEST(CollateralCheck, EachPartCounts) {
  EXPECT_EQ(check_spoilt([](Forge& f) { f.roots = {intel_root()}; }), ErrorCode::kRootNotTrusted);
  EXPECT_EQ(check_spoilt([](Forge& f) { f.tcb_info.key = testing::stranger(); }),
            ErrorCode::kTcbInfoSignatureInvalid);
  EXPECT_EQ(check_spoilt([](Forge& f) { f.qe_identity.key = testing::stranger(); }),
            ErrorCode::kQeIdentitySignatureInvalid);
  EXPECT_EQ(check_spoilt([](Forge& f) { f.pck_crl.issuer = testing::stranger(); }),
            ErrorCode::kCrlInvalid);
  EXPECT_EQ(check_spoilt([](Forge& f) { f.root_crl.issuer = testing::stranger(); }),
            ErrorCode::kCrlInvalid);
  EXPECT_EQ(check_spoilt([](Forge& f) { f.intermediate.issuer = testing::stranger(); }),
            ErrorCode::kIssuerChainInvalid);
  EXPECT_EQ(check_spoilt([](Forge& f) { f.root_crl.revoke(f.intermediate); }),
            ErrorCode::kCertificateRevoked);
  EXPECT_EQ(check_spoilt([](Forge& f) { f.root_crl.revoke(f.tcb_signer); }),
            ErrorCode::kCertificateRevoked);
  EXPECT_EQ(check_spoilt([](Forge& f) {
              f.afterwards = [](Forged& out) { out.collateral.pck_crl.clear(); };
            }),
            ErrorCode::kCollateralMissing);
  EXPECT_EQ(check_spoilt([](Forge& f) {
              f.afterwards = [](Forged& out) { out.collateral.tcb_info.pop_back(); };
            }),
            ErrorCode::kTcbInfoInvalid);
}

// The validity says when; nothing says it better than the check itself.
TEST(CollateralCheck, CountsUntilTheFirstPartExpires) {
  const Forged world = Forge::sgx().make();
  const auto prepared = PreparedCollateral::prepare(world.collateral).value();
  ASSERT_TRUE(prepared.validity());
  const base::UnixTime until = prepared.validity()->earliest_expiration;
  EXPECT_LT(prepared.validity()->latest_issue, world.at);
  EXPECT_GT(until, world.at);
  EXPECT_EQ(check(world, until), ErrorCode::kInternal);
  EXPECT_NE(check(world, until + std::chrono::seconds(1)), ErrorCode::kInternal);
  EXPECT_FALSE(prepared.validity()->earliest_expiring.empty());
}

TEST(CollateralCheck, WhatDoesNotParseHasNoValidity) {
  Forged world = Forge::sgx().make();
  world.collateral.qe_identity.clear();
  EXPECT_FALSE(PreparedCollateral::prepare(world.collateral).value().validity());
}

}  // namespace
}  // namespace quoted::verification
