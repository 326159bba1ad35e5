#include "collateral/certificate_chain.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/text.h"
#include "collateral/pck_certificate.h"
#include "crypto/certificate_builder.h"
#include "crypto/testing/certificate_surgery.h"
#include "test_support/vectors.h"

namespace quoted::collateral {
namespace {

using namespace std::string_literals;
using base::text;
using crypto::testing::pem_of;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kEndLine = "-----END CERTIFICATE-----\n";

std::string platform_chain() {
  return test::read_text_vector("real-certificates/pck-chain-platform-B0C06F000000.pem");
}
std::string signing_chain() {
  return test::read_text_vector("real-collateral/tcb-signing-chain-2025.pem");
}

CertificateChain parsed(const std::string& pem) {
  auto chain = CertificateChain::parse(pem);
  if (!chain) throw std::runtime_error(chain.error().detail);
  return *std::move(chain);
}

std::vector<std::string> pems(const std::string& all) {
  std::vector<std::string> out;
  const CertificateChain chain = parsed(all);
  for (const crypto::Certificate& one : chain.certificates()) out.push_back(one.pem());
  return out;
}

QvlStatus status_of(const std::string& pem) {
  const auto chain = CertificateChain::parse(pem);
  return chain ? QvlStatus::kOk : chain.error().status;
}

crypto::P256PrivateKey key() {
  return crypto::P256PrivateKey::from_seed(base::Bytes(crypto::kP256SeedSize, std::byte{7}))
      .value();
}

std::string issued(const std::string& subject, const std::string& issuer) {
  crypto::CertificateSpec spec;
  spec.subject_cn = subject;
  spec.issuer_cn = issuer;
  spec.crl_url = "http://x.test/c";
  spec.not_after = base::UnixTime(std::chrono::hours(1));
  return crypto::issue_certificate(spec, key().public_key(), key()).value().pem();
}

// `pem` without the extension of this OID content.
std::string without_extension(const std::string& pem, std::string_view oid) {
  const auto certificate = crypto::Certificate::parse_pem(pem).value();
  return pem_of(
      crypto::testing::drop_extension_and_sign(certificate.der(), test::unhex(oid), key()));
}

std::string replaced(std::string all, std::string_view find, std::string_view by) {
  for (std::size_t at = all.find(find); at != std::string::npos;
       at = all.find(find, at + by.size())) {
    all.replace(at, find.size(), by);
  }
  return all;
}

void expect_roles_of_a_pck_chain(const CertificateChain& chain) {
  ASSERT_THAT(chain.certificates(), SizeIs(3));
  ASSERT_TRUE(chain.root() && chain.intermediate() && chain.pck() && chain.topmost());
  EXPECT_EQ(chain.root()->subject_cn(), kRootCaCn);
  EXPECT_EQ(chain.intermediate()->subject_cn(), kPlatformCaCn);
  EXPECT_EQ(chain.pck()->subject_cn(), kPckCn);
  EXPECT_EQ(chain.topmost(), chain.pck());
}

TEST(CertificateChain, RolesAreFoundByNamesInAnyOrder) {
  std::vector<std::string> order = pems(platform_chain());
  std::ranges::sort(order);
  do {
    SCOPED_TRACE(order[0].substr(28, 20));
    expect_roles_of_a_pck_chain(parsed(order[0] + order[1] + order[2]));
  } while (std::next_permutation(order.begin(), order.end()));

  const CertificateChain signing = parsed(signing_chain());
  ASSERT_EQ(signing.size(), 2U);
  EXPECT_TRUE(is_named(*signing.topmost(), kTcbSigningPhrase));
  EXPECT_TRUE(is_named(*signing.root(), kRootCaPhrase));
  EXPECT_EQ(signing.pck(), nullptr);
  EXPECT_EQ(signing.intermediate(), nullptr);
}

TEST(CertificateChain, TextAroundTheBlocksDoesNotMatter) {
  const std::string pem = platform_chain();
  expect_roles_of_a_pck_chain(parsed(replaced(pem, "\n", "\r\n")));
  expect_roles_of_a_pck_chain(parsed(pem + "\0"s));
  expect_roles_of_a_pck_chain(parsed("\0\xFF garbage\n"s + pem + "more"));
  expect_roles_of_a_pck_chain(
      parsed(replaced(pem, kEndLine, text(kEndLine, "subject=/CN=Evil\n\n"))));
  std::string without_newline = pem;
  without_newline.erase(without_newline.find_last_not_of("\n\0"s) + 1);
  expect_roles_of_a_pck_chain(parsed(without_newline));
  // An END without its BEGIN is skipped, and so is what follows a last BEGIN.
  expect_roles_of_a_pck_chain(parsed(replaced(pem, kEndLine, text(kEndLine, kEndLine))));
  expect_roles_of_a_pck_chain(parsed(pem + "-----BEGIN CERTIFICATE-----\nMIIE"));
}

TEST(CertificateChain, WithoutBlocksThereIsNone) {
  for (const std::string& none :
       {""s, "hello"s, "\0"s, "-----BEGIN CERTIFICATE-----\n"s, std::string(kEndLine),
        replaced(platform_chain(), "CERTIFICATE", "X509 CRL"),
        std::string(kEndLine) + platform_chain()}) {
    EXPECT_EQ(status_of(none), QvlStatus::kUnsupportedCertFormat) << none.substr(0, 30);
    EXPECT_THAT(certificate_blocks(none), SizeIs(0));
  }
}

TEST(CertificateChain, EveryBlockMustParse) {
  const std::vector<std::string> good = pems(platform_chain());
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  for (const std::string& bad :
       {begin + std::string(kEndLine), begin + "MIIE\n" + std::string(kEndLine),
        begin + "!!!!\n" + std::string(kEndLine), begin + good[0],
        begin + "Proc-Type: 4,ENCRYPTED\nDEK-Info: DES,00\n\n" + good[0].substr(begin.size()),
        "-----BEGIN CERTIFICATE-----x\n" + good[0],
        begin + std::string(200'000, 'A') + "\n" + std::string(kEndLine)}) {
    EXPECT_EQ(status_of(bad + good[1] + good[2]), QvlStatus::kUnsupportedCertFormat)
        << bad.substr(0, 60);
    EXPECT_EQ(status_of(good[0] + good[1] + bad), QvlStatus::kUnsupportedCertFormat)
        << bad.substr(0, 60);
  }
}

TEST(CertificateChain, NumberOfCertificatesIsBounded) {
  const std::string one = pems(platform_chain())[0];
  std::string many;
  for (int i = 0; i < 16; ++i) many += one;
  EXPECT_EQ(parsed(many).size(), 16U);
  const auto refused = CertificateChain::parse(many + one);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "more than 16 certificates in one chain");
  for (int i = 0; i < 10; ++i) many += many;
  EXPECT_THAT(certificate_blocks(many), SizeIs(17));
}

// quote-verification 3: the status tells how many certificates were read before.
TEST(CertificateChain, EachRequiredExtensionIsMissedByPosition) {
  const std::vector<std::string> three = pems(platform_chain());
  const std::vector<std::string> two = pems(signing_chain());
  for (const auto& [oid, name] :
       {std::pair{"551d23", "authority key id"}, std::pair{"551d1f", "CRL distribution points"},
        std::pair{"551d0e", "subject key id"}, std::pair{"551d0f", "key usage"},
        std::pair{"551d13", "basic constraints"}}) {
    const auto first =
        CertificateChain::parse(without_extension(three[0], oid) + three[1] + three[2]);
    ASSERT_FALSE(first) << name;
    EXPECT_EQ(first.error().status, QvlStatus::kRootCaInvalidExtensions) << name;
    EXPECT_THAT(first.error().detail, HasSubstr(text("lacks the extension ", name)));
    EXPECT_EQ(status_of(three[0] + without_extension(three[1], oid) + three[2]),
              QvlStatus::kIntermediateCaInvalidExtensions)
        << name;
    EXPECT_EQ(status_of(three[0] + three[1] + without_extension(three[2], oid)),
              QvlStatus::kPckInvalidExtensions)
        << name;
    EXPECT_EQ(status_of(two[0] + without_extension(two[1], oid)),
              QvlStatus::kTcbSigningCertInvalidExtensions)
        << name;
    EXPECT_EQ(status_of(without_extension(two[0], oid) + two[1]),
              QvlStatus::kRootCaInvalidExtensions)
        << name;
  }
}

TEST(CertificateChain, OfSeveralOneIsChosen) {
  const std::string root = issued("SGX Root CA", "SGX Root CA");
  const std::string second_root = issued("Other", "Other");
  const std::string ca = issued("First CA", "SGX Root CA");
  const std::string second_ca = issued("Second CA", "SGX Root CA");
  const std::string pck = issued("SGX PCK Certificate 1", "First CA");
  const std::string second_pck = issued("SGX PCK Certificate 2", "Second CA");
  const CertificateChain chain = parsed(root + second_root + ca + second_ca + pck + second_pck);
  EXPECT_EQ(chain.root()->subject_cn(), "Other");
  EXPECT_EQ(chain.intermediate()->subject_cn(), "First CA");
  EXPECT_EQ(chain.pck()->subject_cn(), "SGX PCK Certificate 2");
  EXPECT_EQ(chain.topmost()->subject_cn(), "SGX PCK Certificate 2");

  // Each has issued the other: nobody is on top.
  EXPECT_EQ(parsed(issued("A", "B") + issued("B", "A")).topmost(), nullptr);
  EXPECT_EQ(parsed(issued("A", "B")).root(), nullptr);
  // A root issues itself, which does not count.
  EXPECT_EQ(parsed(root).topmost()->subject_cn(), "SGX Root CA");
  EXPECT_EQ(parsed(root).intermediate(), nullptr);
  // Case counts.
  EXPECT_EQ(parsed(issued("Some ca", "B")).intermediate(), nullptr);
}

// Keys of other kinds parse, and are of no use (quote-verification 3).
TEST(CertificateChain, KeysOfOtherKindsParse) {
  for (const char* const name : {"rsa-2048.pem", "p384.pem", "secp256k1.pem", "ed25519.pem"}) {
    const CertificateChain chain =
        parsed(test::read_text_vector(std::string("crypto/certificate-") + name));
    ASSERT_EQ(chain.size(), 1U);
    EXPECT_FALSE(chain.root()->has_p256_key()) << name;
    EXPECT_FALSE(chain.root()->signature_matches(key().public_key())) << name;
  }
}

}  // namespace
}  // namespace quoted::collateral
