#include "crypto/certificate_builder.h"

#include <gmock/gmock.h>

#include "crypto/der.h"
#include "crypto/testing/certificate_surgery.h"
#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using ::testing::ElementsAre;
using testing::to_be_signed;

constexpr std::string_view kSgxExtension = "1.2.840.113741.1.13.1";

P256PrivateKey issuer_key() {
  return P256PrivateKey::from_seed(base::Bytes(kP256SeedSize, std::byte{0x17})).value();
}

std::vector<Certificate> real_chain(const std::string& name) {
  return parse_pem_chain(test::read_text_vector("real-certificates/" + name)).value();
}

// What one would order to get this certificate.
CertificateSpec spec_of(const Certificate& certificate) {
  CertificateSpec out;
  out.subject_cn = certificate.subject_cn();
  out.issuer_cn = certificate.issuer_cn();
  base::Bytes serial(SerialNumber::kSize - certificate.serial().size());
  base::append(serial, certificate.serial());
  out.serial = SerialNumber::parse(serial).value();
  out.not_before = certificate.not_before();
  out.not_after = certificate.not_after();
  out.authority_key_id = KeyIdentifier::parse(certificate.authority_key_id()).value();
  out.subject_key_id = KeyIdentifier::parse(certificate.subject_key_id()).value();
  out.crl_url = certificate.crl_urls().at(0);
  out.ca_path_length = certificate.path_length();
  if (const auto sgx = certificate.extension(kSgxExtension)) {
    out.extra = CertificateExtension{std::string(kSgxExtension), base::to_bytes(*sgx)};
  }
  return out;
}

// "OID critical value" of each extension in its order.
std::vector<std::string> extensions_of(const Certificate& certificate) {
  constexpr std::uint8_t kExtensions = 0xA3;
  std::vector<std::string> out;
  DerReader tbs(to_be_signed(certificate.der()));
  for (DerReader fields(tbs.next(der_tag::kSequence).value()); !fields.at_end();) {
    const DerElement field = fields.next().value();
    if (field.tag != kExtensions) continue;
    DerReader list(field.content);
    for (DerReader rest(list.next(der_tag::kSequence).value()); !rest.at_end();) {
      DerReader extension(rest.next(der_tag::kSequence).value());
      std::string text = base::to_hex(extension.next(der_tag::kOid).value());
      DerElement value = extension.next().value();
      if (value.tag == der_tag::kBoolean) {
        text += " critical";
        value = extension.next().value();
      }
      out.push_back(text + " " + base::to_hex(value.content));
    }
  }
  return out;
}

// The strongest statement about the profile: ordered with the same values, every real certificate
// comes out with the very bytes that Intel signed.
TEST(CertificateBuilder, ReproducesIntelsCertificates) {
  for (const char* const name :
       {"pck-chain-platform-B0C06F000000.pem", "pck-chain-processor-00A067110000.pem"}) {
    for (const Certificate& real : real_chain(name)) {
      const auto built = issue_certificate(spec_of(real), real.public_key(), issuer_key());
      ASSERT_TRUE(built) << built.error().summary();
      EXPECT_EQ(base::to_hex(to_be_signed(built->der())), base::to_hex(to_be_signed(real.der())))
          << name << ": " << real.subject_cn();
      EXPECT_TRUE(built->signed_by(issuer_key().public_key()));
      EXPECT_FALSE(built->signed_by(real.public_key()));
    }
  }
}

CertificateSpec spec(const std::string& subject, const std::string& issuer) {
  using namespace std::chrono_literals;
  CertificateSpec out;
  out.subject_cn = subject;
  out.issuer_cn = issuer;
  out.serial = SerialNumber::parse_hex("00000000000000000000000000000000000000f1").value();
  out.not_before = std::chrono::sys_days(2025y / 1 / 1);
  out.not_after = std::chrono::sys_days(2032y / 1 / 1);
  out.authority_key_id =
      KeyIdentifier::parse_hex("1111111111111111111111111111111111111111").value();
  out.subject_key_id = KeyIdentifier::parse_hex("2222222222222222222222222222222222222222").value();
  out.crl_url = "http://x.test/c";
  return out;
}

// quote-generation 5.2: order, criticality and values.
TEST(CertificateBuilder, ExtensionsAreThoseOfTheProfile) {
  const std::string authority = "551d23 301680141111111111111111111111111111111111111111";
  const std::string crl = "551d1f 30173015a013a011860f687474703a2f2f782e746573742f63";
  const std::string subject = "551d0e 04142222222222222222222222222222222222222222";

  CertificateSpec root = spec("Intel SGX Root CA", "Intel SGX Root CA");
  root.ca_path_length = 1;
  EXPECT_THAT(
      extensions_of(issue_certificate(root, issuer_key().public_key(), issuer_key()).value()),
      ElementsAre(authority, crl, subject, "551d0f critical 03020106",
                  "551d13 critical 30060101ff020101"));

  CertificateSpec intermediate = spec("Intel SGX PCK Platform CA", "Intel SGX Root CA");
  intermediate.ca_path_length = 0;
  EXPECT_THAT(extensions_of(
                  issue_certificate(intermediate, issuer_key().public_key(), issuer_key()).value()),
              ElementsAre(authority, crl, subject, "551d0f critical 03020106",
                          "551d13 critical 30060101ff020100"));

  CertificateSpec leaf = spec("Intel SGX PCK Certificate", "Intel SGX PCK Platform CA");
  leaf.extra = CertificateExtension{std::string(kSgxExtension), test::unhex("3000")};
  EXPECT_THAT(
      extensions_of(issue_certificate(leaf, issuer_key().public_key(), issuer_key()).value()),
      ElementsAre(authority, crl, subject, "551d0f critical 030206c0", "551d13 critical 3000",
                  "2a864886f84d010d01 3000"));
}

TEST(CertificateBuilder, WhatWasOrderedComesBack) {
  const auto subject_key =
      P256PrivateKey::from_seed(base::Bytes(kP256SeedSize, std::byte{0x18})).value().public_key();
  CertificateSpec leaf = spec("Intel SGX PCK Certificate", "Intel SGX PCK Processor CA");
  leaf.extra = CertificateExtension{std::string(kSgxExtension), test::unhex("30030101ff")};
  const Certificate built = issue_certificate(leaf, subject_key, issuer_key()).value();
  EXPECT_EQ(built.subject_cn(), leaf.subject_cn);
  EXPECT_EQ(built.issuer_cn(), leaf.issuer_cn);
  EXPECT_EQ(built.public_key().point(), subject_key.point());
  EXPECT_EQ(base::to_hex(built.serial()), "f1");
  EXPECT_EQ(built.not_before(), leaf.not_before);
  EXPECT_EQ(built.not_after(), leaf.not_after);
  EXPECT_THAT(built.crl_urls(), ElementsAre("http://x.test/c"));
  EXPECT_FALSE(built.is_ca());
  EXPECT_EQ(base::to_hex(built.extension(kSgxExtension).value()), "30030101ff");
  EXPECT_EQ(Certificate::parse_pem(built.pem())->subject(), built.subject());
}

// A serial with the high bit set stays positive by a leading zero byte.
TEST(CertificateBuilder, SerialsArePositive) {
  CertificateSpec root = spec("Intel SGX Root CA", "Intel SGX Root CA");
  root.serial = SerialNumber::parse_hex("ff000000000000000000000000000000000000ff").value();
  const Certificate built =
      issue_certificate(root, issuer_key().public_key(), issuer_key()).value();
  EXPECT_EQ(base::to_hex(built.serial()), "ff000000000000000000000000000000000000ff");
  EXPECT_THAT(base::to_hex(to_be_signed(built.der())),
              ::testing::HasSubstr("021500ff000000000000000000000000000000000000ff"));
}

// RFC 5280 4.1.2.5: GeneralizedTime from 2050 on.
TEST(CertificateBuilder, DatesChangeTheirFormIn2050) {
  using namespace std::chrono_literals;
  CertificateSpec root = spec("Intel SGX Root CA", "Intel SGX Root CA");
  root.not_after = std::chrono::sys_days(2050y / 1 / 1);
  const Certificate built =
      issue_certificate(root, issuer_key().public_key(), issuer_key()).value();
  EXPECT_EQ(built.not_after(), root.not_after);
  EXPECT_THAT(base::as_text(built.der()), ::testing::HasSubstr("20500101000000Z"));
}

TEST(CertificateBuilder, AnExtensionWithoutAnOidIsRefused) {
  CertificateSpec leaf = spec("Intel SGX PCK Certificate", "Intel SGX PCK Platform CA");
  leaf.extra = CertificateExtension{"not an oid", {}};
  EXPECT_FALSE(issue_certificate(leaf, issuer_key().public_key(), issuer_key()));
}

}  // namespace
}  // namespace quoted::crypto
