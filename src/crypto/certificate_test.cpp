#include "crypto/certificate.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "crypto/certificate_builder.h"
#include "crypto/openssl_bytes.h"
#include "crypto/p256_handle.h"
#include "crypto/testing/certificate_surgery.h"
#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using test::read_text_vector;
using test::unhex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kRootKeyId = "22650cd65a9d3489f383b49552bf501b392706ac";

std::string platform_chain() {
  return read_text_vector("real-certificates/pck-chain-platform-B0C06F000000.pem");
}

Certificate intel_root() {
  return Certificate::parse_der(test::read_vector("real-certificates/intel-sgx-root-ca.der"))
      .value();
}

P256PrivateKey some_key() {
  return P256PrivateKey::from_seed(base::Bytes(kP256SeedSize, std::byte{0x5A})).value();
}

base::ErrorCode code_of(const base::Result<Certificate>& result) {
  return result ? base::ErrorCode::kInternal : result.error().code();
}

TEST(Certificate, GivesTheFactsOfIntelsRoot) {
  const Certificate root = intel_root();
  EXPECT_EQ(root.subject_cn(), "Intel SGX Root CA");
  EXPECT_EQ(root.issuer_cn(), "Intel SGX Root CA");
  EXPECT_EQ(root.subject(),
            "CN = Intel SGX Root CA, O = Intel Corporation, L = Santa Clara, ST = CA, C = US");
  EXPECT_TRUE(root.issued_by_name(root));
  EXPECT_EQ(base::to_hex(root.serial()), kRootKeyId);
  EXPECT_EQ(base::to_hex(root.subject_key_id()), kRootKeyId);
  EXPECT_EQ(base::to_hex(root.authority_key_id()), kRootKeyId);
  using std::chrono::sys_days;
  using namespace std::chrono_literals;
  EXPECT_EQ(root.not_before(), sys_days(2018y / 5 / 21) + 10h + 45min + 10s);
  EXPECT_EQ(root.not_after(), sys_days(2049y / 12 / 31) + 23h + 59min + 59s);
  EXPECT_TRUE(root.is_ca());
  EXPECT_EQ(root.path_length(), 1);
  EXPECT_TRUE(root.has_key_usage(kKeyUsageCertSign | kKeyUsageCrlSign));
  EXPECT_FALSE(root.has_key_usage(kKeyUsageDigitalSignature));
  EXPECT_THAT(root.crl_urls(),
              ElementsAre("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"));
  EXPECT_EQ(root.extension_count(), 5);
  EXPECT_TRUE(root.signed_by(root.public_key()));
  EXPECT_FALSE(root.signed_by(some_key().public_key()));
}

TEST(Certificate, LeafDiffersFromItsAuthorities) {
  const auto chain = parse_pem_chain(platform_chain()).value();
  ASSERT_EQ(chain.size(), 3U);
  const Certificate& leaf = chain[0];
  EXPECT_EQ(leaf.subject_cn(), "Intel SGX PCK Certificate");
  EXPECT_EQ(leaf.issuer_cn(), "Intel SGX PCK Platform CA");
  EXPECT_FALSE(leaf.is_ca());
  EXPECT_EQ(leaf.path_length(), std::nullopt);
  EXPECT_TRUE(leaf.has_key_usage(kKeyUsageDigitalSignature | kKeyUsageNonRepudiation));
  EXPECT_FALSE(leaf.has_key_usage(kKeyUsageDigitalSignature | kKeyUsageCertSign));
  EXPECT_TRUE(leaf.issued_by_name(chain[1]));
  EXPECT_FALSE(leaf.issued_by_name(chain[2]));
  EXPECT_TRUE(leaf.signed_by(chain[1].public_key()));
  EXPECT_FALSE(leaf.signed_by(chain[2].public_key()));
  EXPECT_TRUE(leaf.extension("1.2.840.113741.1.13.1").has_value());
  EXPECT_FALSE(chain[1].extension("1.2.840.113741.1.13.1").has_value());
  EXPECT_FALSE(leaf.extension("no oid").has_value());
}

TEST(Certificate, CopiesShareTheCertificate) {
  const Certificate root = intel_root();
  const std::vector<Certificate> copies(2, root);
  EXPECT_EQ(copies[0].der().data(), root.der().data());
  EXPECT_EQ(copies[1].der().data(), root.der().data());
}

TEST(Certificate, PemRoundTrips) {
  const Certificate root = intel_root();
  EXPECT_TRUE(base::equal(Certificate::parse_pem(root.pem())->der(), root.der()));
  EXPECT_EQ(root.pem(), testing::pem_of(root.der()));
}

TEST(Certificate, EveryTruncationAndAnyTailAreRefused) {
  const Certificate root = intel_root();
  for (std::size_t size = 0; size < root.der().size(); ++size) {
    EXPECT_EQ(code_of(Certificate::parse_der(root.der().first(size))),
              base::ErrorCode::kBadCertificate)
        << size;
  }
  base::Bytes longer = base::to_bytes(root.der());
  longer.push_back(std::byte{0});
  EXPECT_EQ(code_of(Certificate::parse_der(longer)), base::ErrorCode::kBadCertificate);
  EXPECT_EQ(code_of(Certificate::parse_pem(testing::pem_of(longer))),
            base::ErrorCode::kBadCertificate);
}

// Found by fuzzing: OpenSSL reads these, the signature holds, and the bytes are others.
TEST(Certificate, AnotherEncodingOfTheSameCertificateIsRefused) {
  const base::Bytes der = base::to_bytes(intel_root().der());
  ASSERT_EQ(der[1], std::byte{0x82});
  const base::Bytes content(der.begin() + 4, der.end());
  base::Bytes long_length = unhex("308300");
  long_length.insert(long_length.end(), der.begin() + 2, der.end());
  base::Bytes indefinite_length = unhex("3080");
  base::append(indefinite_length, content);
  base::append(indefinite_length, unhex("0000"));
  for (const base::Bytes& ber : {long_length, indefinite_length}) {
    const auto parsed = Certificate::parse_der(ber);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message(), "the certificate is encoded in BER, must be DER");
    EXPECT_EQ(code_of(Certificate::parse_pem(testing::pem_of(ber))),
              base::ErrorCode::kBadCertificate);
  }
}

// Each flip must be refused or leave a certificate that the old key no longer vouches for, unless
// it hits the second copy of the algorithm or the encoding of the signature itself.
TEST(Certificate, EveryFlippedBitOfTheSignedPartBreaksTheSignature) {
  const Certificate root = intel_root();
  const std::size_t signed_end = static_cast<std::size_t>(
      testing::to_be_signed(root.der()).data() - root.der().data() +
      static_cast<std::ptrdiff_t>(testing::to_be_signed(root.der()).size()));
  for (std::size_t i = 0; i < signed_end; ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      base::Bytes changed = base::to_bytes(root.der());
      changed[i] ^= static_cast<std::byte>(1U << bit);
      const auto parsed = Certificate::parse_der(changed);
      EXPECT_FALSE(parsed && parsed->signed_by(root.public_key())) << "byte " << i;
    }
  }
}

TEST(Certificate, OtherKeysAreRefused) {
  // prime256v1 turned into prime192v1.
  const base::Bytes der = testing::replace_and_sign(
      intel_root().der(), unhex("06082a8648ce3d030107"), unhex("06082a8648ce3d030101"), some_key());
  EXPECT_EQ(code_of(Certificate::parse_der(der)), base::ErrorCode::kBadCertificate);
}

// The PKI has one signature algorithm (quote-generation 5); another, though valid, is not its.
TEST(Certificate, OtherSignatureAlgorithmsAreRefused) {
  const auto signed_with = [](const EVP_MD* digest) {
    const Certificate root = intel_root();
    const unsigned char* cursor = raw(root.der());
    const X509Ptr x509(d2i_X509(nullptr, &cursor, static_cast<long>(root.der().size())));
    EXPECT_GT(X509_sign(x509.get(), some_key().handle().key.get(), digest), 0);
    base::Bytes der(static_cast<std::size_t>(i2d_X509(x509.get(), nullptr)));
    unsigned char* out = raw(std::span(der));
    i2d_X509(x509.get(), &out);
    return Certificate::parse_der(der).value().signed_by(some_key().public_key());
  };
  EXPECT_TRUE(signed_with(EVP_sha256()));
  EXPECT_FALSE(signed_with(EVP_sha384()));
  EXPECT_FALSE(signed_with(EVP_sha1()));
}

// An extension that must be understood and is not makes the certificate unusable (RFC 5280 4.2).
TEST(Certificate, AnUnknownCriticalExtensionIsRefused) {
  const base::Bytes der = testing::replace_and_sign(intel_root().der(), unhex("0603551d0f0101ff"),
                                                    unhex("0603551d7f0101ff"), some_key());
  const auto parsed = Certificate::parse_der(der);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message(),
            "the certificate has an invalid extension or an unknown critical one");
}

TEST(Certificate, ABrokenExtensionIsRefused) {
  // Basic constraints whose inner SEQUENCE claims more than there is.
  const base::Bytes der = testing::replace_and_sign(intel_root().der(), unhex("30060101ff020101"),
                                                    unhex("30070101ff020101"), some_key());
  EXPECT_EQ(code_of(Certificate::parse_der(der)), base::ErrorCode::kBadCertificate);
}

// A name goes into logs and terminals: no control character may pass.
TEST(Certificate, NamesForMessagesAreEscaped) {
  CertificateSpec spec;
  spec.subject_cn = "a\x1b[31m\nb";
  spec.issuer_cn = "c";
  spec.crl_url = "http://x.test/";
  const Certificate built = issue_certificate(spec, some_key().public_key(), some_key()).value();
  EXPECT_EQ(built.subject_cn(), spec.subject_cn);
  EXPECT_THAT(built.subject(), ::testing::StartsWith("CN = a\\1B[31m\\0Ab, O = "));
}

TEST(PemChain, AcceptsTheTailsOfRealQuotes) {
  const std::string chain = platform_chain();
  ASSERT_EQ(chain.back(), '\n');
  const std::string bare = chain.substr(0, chain.size() - 1);
  for (const std::string& text :
       {chain, bare, chain + '\0', bare + '\0', chain + std::string(3, '\0'), "\r\n \t" + chain}) {
    const auto parsed = parse_pem_chain(text);
    ASSERT_TRUE(parsed) << parsed.error().summary();
    EXPECT_EQ(parsed->size(), 3U);
  }
}

TEST(PemChain, AcceptsCarriageReturnsAndKeepsTheOrder) {
  std::string text;
  for (const char c : platform_chain()) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const auto parsed = parse_pem_chain(text);
  ASSERT_TRUE(parsed) << parsed.error().summary();
  EXPECT_EQ(parsed->front().subject_cn(), "Intel SGX PCK Certificate");
  EXPECT_EQ(parsed->back().subject_cn(), "Intel SGX Root CA");
}

TEST(PemChain, OtherTextIsRefused) {
  const std::string chain = platform_chain();
  const std::string root = intel_root().pem();
  for (const std::string& bad :
       {std::string(), std::string(5, '\0'), std::string("text"), chain + "text", "text" + chain,
        base::text(root, "text\n", root), chain.substr(0, chain.size() / 2),
        std::string(70000, '-'),
        std::string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
        std::string("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"),
        "-----BEGIN CERTIFICATE-----\n" + std::string(70000, 'A') +
            "\n-----END CERTIFICATE-----\n"}) {
    const auto parsed = parse_pem_chain(bad);
    ASSERT_FALSE(parsed) << bad.substr(0, 60);
    EXPECT_EQ(parsed.error().code(), base::ErrorCode::kBadCertificate);
  }
}

// Must not ask the terminal for a password.
TEST(PemChain, AnEncryptedBlockIsRefused) {
  std::string text = intel_root().pem();
  text.insert(text.find('\n') + 1,
              "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n");
  const auto parsed = parse_pem_chain(text);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message(), "a PEM block 'CERTIFICATE' with headers");
}

TEST(PemChain, MoreThanAllowedAreRefused) {
  EXPECT_TRUE(parse_pem_chain(platform_chain(), 3));
  const auto parsed = parse_pem_chain(platform_chain(), 2);
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message(), HasSubstr("more than the 2 certificates"));
}

}  // namespace
}  // namespace quoted::crypto
