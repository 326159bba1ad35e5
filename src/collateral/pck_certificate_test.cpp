#include "collateral/pck_certificate.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "crypto/certificate_builder.h"
#include "test_support/vectors.h"

namespace quoted::collateral {
namespace {

using ::testing::HasSubstr;

std::vector<crypto::Certificate> real_chain() {
  return crypto::parse_pem_chain(
             test::read_text_vector("real-certificates/pck-chain-platform-B0C06F000000.pem"))
      .value();
}

crypto::Certificate issue(const crypto::CertificateSpec& spec) {
  const auto key =
      crypto::P256PrivateKey::from_seed(base::Bytes(crypto::kP256SeedSize, std::byte{9})).value();
  return crypto::issue_certificate(spec, key.public_key(), key).value();
}

crypto::CertificateSpec leaf_spec() {
  crypto::CertificateSpec out;
  out.subject_cn = kPckCn;
  out.issuer_cn = kPlatformCaCn;
  out.crl_url = "https://pcs.test/crl";
  out.extra = {std::string(kSgxExtensionOid), SgxExtension().serialize()};
  return out;
}

TEST(PckCertificate, TakesARealOne) {
  const crypto::Certificate leaf = real_chain().front();
  EXPECT_EQ(leaf.subject_cn(), kPckCn);
  EXPECT_EQ(leaf.issuer_cn(), kPlatformCaCn);
  const auto pck = PckCertificate::create(leaf);
  ASSERT_TRUE(pck) << pck.error().summary();
  EXPECT_EQ(pck->sgx().fmspc.hex(), "b0c06f000000");
  EXPECT_TRUE(base::equal(pck->certificate().der(), leaf.der()));
}

TEST(PckCertificate, AnAuthorityIsNone) {
  const auto pck = PckCertificate::create(real_chain()[1]);
  ASSERT_FALSE(pck);
  EXPECT_EQ(pck.error().code(), base::ErrorCode::kBadCertificate);
  EXPECT_THAT(pck.error().message(), HasSubstr("is a CA"));

  crypto::CertificateSpec spec = leaf_spec();
  spec.ca_path_length = 0;
  EXPECT_FALSE(PckCertificate::create(issue(spec)));
}

TEST(PckCertificate, NeedsAValidSgxExtension) {
  EXPECT_TRUE(PckCertificate::create(issue(leaf_spec())));

  crypto::CertificateSpec without = leaf_spec();
  without.extra.reset();
  const auto missing = PckCertificate::create(issue(without));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), base::ErrorCode::kBadCertificate);
  EXPECT_THAT(missing.error().message(), HasSubstr("SGX extension (1.2.840.113741.1.13.1)"));

  crypto::CertificateSpec broken = leaf_spec();
  base::Bytes cut_off = SgxExtension().serialize();
  cut_off.pop_back();
  broken.extra = {std::string(kSgxExtensionOid), std::move(cut_off)};
  const auto malformed = PckCertificate::create(issue(broken));
  ASSERT_FALSE(malformed);
  EXPECT_EQ(malformed.error().code(), base::ErrorCode::kBadCertificate);
}

QvlStatus judged(const crypto::CertificateSpec& spec) {
  const auto pck = PckCertificate::judge(issue(spec));
  return pck ? QvlStatus::kOk : pck.error().status;
}

// quote-verification 3: missing parts have one status, malformed ones another; nothing else counts.
TEST(PckCertificate, IsJudgedByItsExtensionAlone) {
  const auto real = PckCertificate::judge(real_chain().front());
  ASSERT_TRUE(real) << real.error().detail;
  EXPECT_EQ(real->sgx().fmspc.hex(), "b0c06f000000");
  EXPECT_EQ(judged(leaf_spec()), QvlStatus::kOk);
  crypto::CertificateSpec authority = leaf_spec();
  authority.ca_path_length = 0;
  EXPECT_EQ(judged(authority), QvlStatus::kOk);

  crypto::CertificateSpec spec = leaf_spec();
  spec.extra.reset();
  EXPECT_EQ(judged(spec), QvlStatus::kPckInvalidExtensions);
  EXPECT_EQ(PckCertificate::judge(real_chain()[1]).error().status,
            QvlStatus::kPckInvalidExtensions);

  SgxExtension six;
  six.platform_instance_id = sgx::PlatformInstanceId();
  spec.extra = {std::string(kSgxExtensionOid), six.serialize()};
  EXPECT_EQ(judged(spec), QvlStatus::kPckInvalidExtensions);

  // Whole, but the PPID lacks a byte.
  base::Bytes malformed = SgxExtension().serialize();
  const base::Bytes ppid = test::unhex("0410" + std::string(32, '0'));
  const auto found = std::ranges::search(malformed, ppid);
  ASSERT_FALSE(found.empty());
  found.front() = std::byte{0x05};
  spec.extra = {std::string(kSgxExtensionOid), malformed};
  EXPECT_EQ(judged(spec), QvlStatus::kUnsupportedCertFormat);
}

TEST(PckCertificate, SimulationShowsInTheCrlUrl) {
  EXPECT_FALSE(is_marked_simulated(real_chain().front()));
  EXPECT_FALSE(is_marked_simulated(issue(leaf_spec())));
  crypto::CertificateSpec spec = leaf_spec();
  spec.crl_url = "http://localhost:8081/SIMULATED-NO-SECURITY/sgx/certification/v4/pckcrl";
  EXPECT_TRUE(is_marked_simulated(issue(spec)));
}

}  // namespace
}  // namespace quoted::collateral
