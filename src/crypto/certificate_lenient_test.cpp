// Certificates as Intel's verifier reads them: with any key and any extensions
// (quote-verification 3).
#include <gmock/gmock.h>

#include "crypto/certificate.h"
#include "crypto/certificate_builder.h"
#include "crypto/der.h"
#include "crypto/pem.h"
#include "crypto/testing/certificate_surgery.h"
#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using test::unhex;
using ::testing::HasSubstr;
using ::testing::Not;

P256PrivateKey key(int which = 5) {
  return P256PrivateKey::from_seed(base::Bytes(kP256SeedSize, static_cast<std::byte>(which)))
      .value();
}

CertificateSpec spec() {
  CertificateSpec out;
  out.subject_cn = out.issuer_cn = "Intel SGX Root CA";
  out.serial = SerialNumber::parse_hex("00000000000000000000000000000000000000f1").value();
  out.not_after = base::UnixTime(std::chrono::hours(24));
  out.crl_url = "http://x.test/c";
  return out;
}

Certificate issued(const CertificateSpec& order) {
  return issue_certificate(order, key().public_key(), key()).value();
}

// Every accessor, for what no honest builder makes.
void use(const Certificate& certificate) {
  (void)certificate.pem();
  (void)certificate.subject();
  (void)certificate.is_ca();
  (void)certificate.path_length();
  (void)certificate.has_key_usage(kKeyUsageCertSign);
  (void)certificate.subject_key_id();
  (void)certificate.authority_key_id();
  (void)certificate.extension("2.5.29.35");
  (void)certificate.issued_by_name(certificate);
}

TEST(LenientCertificate, KeysOfOtherKindsParseAndVerifyNothing) {
  for (const char* const name : {"rsa-2048", "p384", "secp256k1", "ed25519"}) {
    const std::string pem =
        test::read_text_vector(std::string("crypto/certificate-") + name + ".pem");
    const base::Bytes der = decode_pem(pem, "CERTIFICATE").value();
    EXPECT_FALSE(Certificate::parse_der(der)) << name;
    const auto certificate = Certificate::parse_der_leniently(der);
    ASSERT_TRUE(certificate) << name << ": " << certificate.error().message();
    EXPECT_FALSE(certificate->has_p256_key()) << name;
    EXPECT_EQ(certificate->subject_cn(), "Other Key Test");
    EXPECT_TRUE(certificate->is_ca());
    EXPECT_FALSE(certificate->signature_matches(key().public_key())) << name;
    EXPECT_FALSE(certificate->signed_by(key().public_key())) << name;
    EXPECT_TRUE(certificate->issued_by_name(*certificate));
    use(*certificate);
  }
}

TEST(LenientCertificate, BytesBehindItArePassedOver) {
  const Certificate good = issued(spec());
  base::Bytes longer = base::to_bytes(good.der());
  longer.push_back(std::byte{0});
  EXPECT_FALSE(Certificate::parse_der(longer));
  const auto certificate = Certificate::parse_der_leniently(longer);
  ASSERT_TRUE(certificate);
  EXPECT_TRUE(base::equal(certificate->der(), good.der()));
  EXPECT_TRUE(certificate->has_p256_key());
  EXPECT_TRUE(certificate->signature_matches(key().public_key()));
}

TEST(LenientCertificate, ExtensionsMayBeUnknownOrInvalid) {
  CertificateSpec order = spec();
  order.extra = {"1.2.3.4", unhex("0500")};
  const Certificate good = issued(order);
  EXPECT_TRUE(good.extensions_understood());
  // basicConstraints with an OCTET STRING in place of its SEQUENCE.
  const base::Bytes invalid = testing::replace_and_sign(good.der(),
                                                        unhex("0603551d130101ff0402300"
                                                              "0"),
                                                        unhex("0603551d130101ff04020400"), key());
  EXPECT_FALSE(Certificate::parse_der(invalid));
  const auto certificate = Certificate::parse_der_leniently(invalid);
  ASSERT_TRUE(certificate);
  EXPECT_FALSE(certificate->extensions_understood());
  EXPECT_TRUE(certificate->signature_matches(key().public_key()));
  use(*certificate);
}

TEST(LenientCertificate, SignatureIsJudgedWhateverItsAlgorithmIsCalled) {
  const Certificate good = issued(spec());
  base::Bytes der = base::to_bytes(good.der());
  // ecdsa-with-SHA256 outside the signed part becomes ecdsa-with-SHA384.
  const base::Bytes name = unhex("06082a8648ce3d040302");
  const auto found = std::find_end(der.begin(), der.end(), name.begin(), name.end());
  ASSERT_NE(found, der.end());
  found[9] = std::byte{3};
  const auto renamed = Certificate::parse_der_leniently(der);
  ASSERT_TRUE(renamed);
  EXPECT_TRUE(renamed->signature_matches(key().public_key()));
  EXPECT_FALSE(renamed->signed_by(key().public_key()));
  EXPECT_FALSE(renamed->signature_matches(key(6).public_key()));
}

TEST(LenientCertificate, EverySignedByteIsSigned) {
  const Certificate good = issued(spec());
  const std::size_t signed_size = testing::to_be_signed(good.der()).size();
  std::size_t parsed = 0;
  for (std::size_t i = 4; i < 4 + signed_size; ++i) {
    base::Bytes bad = base::to_bytes(good.der());
    bad[i] ^= std::byte{1};
    const auto certificate = Certificate::parse_der_leniently(bad);
    if (!certificate) continue;
    ++parsed;
    EXPECT_FALSE(certificate->signature_matches(key().public_key())) << i;
    use(*certificate);
  }
  EXPECT_GT(parsed, 100U);
}

TEST(LenientCertificate, WhatIsNoneIsRefused) {
  const Certificate good = issued(spec());
  for (std::size_t size = 0; size < good.der().size(); ++size) {
    EXPECT_FALSE(Certificate::parse_der_leniently(good.der().first(size))) << size;
  }
  EXPECT_THAT(
      Certificate::parse_der_leniently(base::Bytes(kMaxCertificateSize + 1)).error().message(),
      HasSubstr("is larger than"));
}

TEST(LenientCertificate, SignatureIsThatOfTheCertificate) {
  const Certificate good = issued(spec());
  EXPECT_TRUE(key().public_key().verify_der(testing::to_be_signed(good.der()), good.signature()));
}

// Intel's verifier compares five values (quote-verification 3).
TEST(DistinguishedName, IsComparedByFiveValues) {
  const DistinguishedName name = issued(spec()).subject_name();
  EXPECT_EQ(name.common_name, "Intel SGX Root CA");
  EXPECT_EQ(name.country, "US");
  EXPECT_EQ(name.organization, "Intel Corporation");
  EXPECT_EQ(name.locality, "Santa Clara");
  EXPECT_EQ(name.state, "CA");
  EXPECT_TRUE(name.same_values(name));
  for (std::string DistinguishedName::* const part :
       {&DistinguishedName::common_name, &DistinguishedName::country,
        &DistinguishedName::organization, &DistinguishedName::locality,
        &DistinguishedName::state}) {
    DistinguishedName other = name;
    other.*part += "x";
    EXPECT_FALSE(name.same_values(other));
    EXPECT_FALSE(other.same_values(name));
  }
  DistinguishedName other = name;
  other.printable = "x";
  EXPECT_TRUE(name.same_values(other));
}

TEST(DistinguishedName, PrintableTextIsFitForATerminal) {
  CertificateSpec order = spec();
  order.subject_cn = "a\x1b[31m\r\nb, CN = \"Evil\"\x7f\xC2\x9B";
  const Certificate certificate = issued(order);
  EXPECT_EQ(certificate.subject_cn(), order.subject_cn);
  for (const char c : certificate.subject()) {
    EXPECT_TRUE(c >= ' ' && c <= '~') << certificate.subject();
  }
  EXPECT_THAT(certificate.subject(), HasSubstr("a\\1B[31m\\0D\\0Ab\\, CN = \\\"Evil\\\""));
  EXPECT_THAT(certificate.subject(), Not(HasSubstr(", CN = \"Evil")));
}

}  // namespace
}  // namespace quoted::crypto
