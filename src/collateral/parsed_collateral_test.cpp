#include "collateral/parsed_collateral.h"

#include <gmock/gmock.h>

#include "collateral/testing/base_collateral.h"

namespace quoted::collateral {
namespace {

using testing::base_collateral;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ParsedCollateral, EveryPartParses) {
  const auto parts = ParsedCollateral::parse(base_collateral());
  EXPECT_TRUE(parts.pck_crl_issuer_chain && parts.root_ca_crl && parts.pck_crl &&
              parts.tcb_info_issuer_chain && parts.tcb_info && parts.qe_identity_issuer_chain &&
              parts.qe_identity);
  EXPECT_THAT(parts.unusable, IsEmpty());
}

TEST(ParsedCollateral, EachPartIsParsedFromItsOwnDocument) {
  for (const CollateralPart& part : kCollateralParts) {
    Collateral broken = base_collateral();
    broken.*part.bytes = base::to_bytes(base::as_bytes("?"));
    const auto parts = ParsedCollateral::parse(broken);
    EXPECT_EQ(!parts.pck_crl_issuer_chain, part.name == "pck_crl_issuer_chain") << part.name;
    EXPECT_EQ(!parts.root_ca_crl, part.name == "root_ca_crl") << part.name;
    EXPECT_EQ(!parts.pck_crl, part.name == "pck_crl") << part.name;
    EXPECT_EQ(!parts.tcb_info_issuer_chain, part.name == "tcb_info_issuer_chain") << part.name;
    EXPECT_EQ(!parts.tcb_info, part.name == "tcb_info") << part.name;
    EXPECT_EQ(!parts.qe_identity_issuer_chain, part.name == "qe_identity_issuer_chain")
        << part.name;
    EXPECT_EQ(!parts.qe_identity, part.name == "qe_identity") << part.name;
    EXPECT_THAT(parts.unusable, IsEmpty());
  }
}

TEST(ParsedCollateral, FlawsHaveTheStatusOfTheirKind) {
  const auto parts = ParsedCollateral::parse({});
  EXPECT_EQ(parts.pck_crl_issuer_chain.error().status, QvlStatus::kUnsupportedCertFormat);
  EXPECT_EQ(parts.root_ca_crl.error().status, QvlStatus::kCrlUnsupportedFormat);
  EXPECT_EQ(parts.pck_crl.error().status, QvlStatus::kCrlUnsupportedFormat);
  EXPECT_EQ(parts.tcb_info.error().status, QvlStatus::kTcbInfoUnsupportedFormat);
  EXPECT_EQ(parts.qe_identity.error().status, QvlStatus::kEnclaveIdentityUnsupportedFormat);
}

TEST(ParsedCollateral, EmptyAndCutPartsAreNamed) {
  for (const CollateralPart& part : kCollateralParts) {
    Collateral broken = base_collateral();
    (broken.*part.bytes).clear();
    // An empty text is one that does not parse, which its own step says.
    const std::size_t unusable = part.name.ends_with("_crl") ? 1 : 0;
    EXPECT_THAT(ParsedCollateral::parse(broken).unusable, ::testing::SizeIs(unusable)) << part.name;
    broken.*part.bytes = {std::byte{0}, std::byte{0}};
    EXPECT_THAT(ParsedCollateral::parse(broken).unusable, ::testing::SizeIs(unusable)) << part.name;
  }
  Collateral cut = base_collateral();
  cut.tcb_info.push_back(std::byte{0});
  cut.tcb_info.push_back(std::byte{'x'});
  EXPECT_THAT(ParsedCollateral::parse(cut).unusable, ElementsAre("tcb_info"));
}

// C programs hand on the NUL that ends a text.
TEST(ParsedCollateral, ClosingNulsAreNoPartOfATextOrCrl) {
  Collateral ended = base_collateral();
  for (const CollateralPart& part : kCollateralParts) (ended.*part.bytes).push_back(std::byte{0});
  const auto parts = ParsedCollateral::parse(ended);
  EXPECT_TRUE(parts.pck_crl_issuer_chain && parts.root_ca_crl && parts.pck_crl &&
              parts.tcb_info_issuer_chain && parts.tcb_info && parts.qe_identity_issuer_chain &&
              parts.qe_identity);
  EXPECT_THAT(parts.unusable, IsEmpty());
}

}  // namespace
}  // namespace quoted::collateral
