#include "verification/pck_chain.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "crypto/testing/certificate_surgery.h"
#include "test_support/vectors.h"
#include "verification/intel/chain_rules.h"
#include "verification/testing/test_platform.h"

namespace quoted::verification {
namespace {

using crypto::Certificate;
using crypto::testing::drop_extension_and_sign;
using crypto::testing::pem_of;
using crypto::testing::replace_and_sign;
using test::unhex;
using ::testing::HasSubstr;
using testing::TestPlatform;

// The reason for refusing the chain, or "accepted".
std::string refusal(const std::string& pem) {
  const auto chain = PckChain::parse(pem);
  if (chain) return "accepted";
  EXPECT_EQ(chain.error().code(), base::ErrorCode::kChainInvalid);
  return chain.error().message();
}

std::string refusal_of(const TestPlatform& platform) { return refusal(platform.chain()); }

TEST(PckChain, RealChainsAreAccepted) {
  for (const char* const name :
       {"pck-chain-platform-B0C06F000000.pem", "pck-chain-processor-00A067110000.pem"}) {
    const auto chain =
        PckChain::parse(test::read_text_vector(std::string("real-certificates/") + name));
    ASSERT_TRUE(chain) << chain.error().summary();
    EXPECT_EQ(chain->root.subject_cn(), "Intel SGX Root CA");
    EXPECT_EQ(chain->certificates()[0]->subject_cn(), "Intel SGX PCK Certificate");
  }
}

TEST(PckChain, ATestPlatformsChainIsAccepted) { EXPECT_EQ(refusal_of(TestPlatform()), "accepted"); }

TEST(PckChain, ThereAreExactlyThreeCertificates) {
  const TestPlatform platform;
  const std::string leaf = platform.leaf_certificate().pem();
  const std::string intermediate = platform.intermediate_certificate().pem();
  const std::string root = platform.root_certificate().pem();
  EXPECT_THAT(refusal(""), HasSubstr("no certificate"));
  EXPECT_THAT(refusal(leaf), HasSubstr("1 certificates, expected"));
  EXPECT_THAT(refusal(leaf + root), HasSubstr("2 certificates, expected"));
  EXPECT_THAT(refusal(leaf + intermediate + root + root), HasSubstr("more than the 3"));
}

TEST(PckChain, TheLeafIsFirst) {
  const TestPlatform platform;
  const std::string leaf = platform.leaf_certificate().pem();
  const std::string intermediate = platform.intermediate_certificate().pem();
  const std::string root = platform.root_certificate().pem();
  EXPECT_THAT(refusal(root + intermediate + leaf), HasSubstr("the first certificate is"));
  EXPECT_THAT(refusal(intermediate + leaf + root), HasSubstr("the first certificate is"));
  EXPECT_THAT(refusal(leaf + leaf + root), HasSubstr("the intermediate CA is"));
  EXPECT_THAT(refusal(leaf + root + root), HasSubstr("the intermediate CA is"));
  EXPECT_THAT(refusal(leaf + intermediate + intermediate), HasSubstr("the root CA is"));
  EXPECT_THAT(refusal(leaf + root + leaf), HasSubstr("the intermediate CA is"));
}

// As in real-quotes/sgx-v3-processor-old-root.bin.
TEST(PckChain, TheRootMayStandBeforeTheIntermediate) {
  const TestPlatform platform;
  const auto chain =
      PckChain::parse(platform.leaf_certificate().pem() + platform.root_certificate().pem() +
                      platform.intermediate_certificate().pem());
  ASSERT_TRUE(chain) << chain.error().summary();
  EXPECT_EQ(chain->root.subject_cn(), "Intel SGX Root CA");
  EXPECT_EQ(chain->intermediate.subject_cn(), "Intel SGX PCK Processor CA");
}

TEST(PckChain, NamesTellTheRoles) {
  TestPlatform wrong_leaf;
  wrong_leaf.leaf.subject_cn = "Intel SGX TCB Signing";
  EXPECT_THAT(refusal_of(wrong_leaf), HasSubstr("expected 'SGX PCK Certificate'"));

  TestPlatform wrong_intermediate;
  wrong_intermediate.intermediate.subject_cn = "Intel SGX PCK Processor";
  wrong_intermediate.leaf.issuer_cn = "Intel SGX PCK Processor";
  EXPECT_THAT(refusal_of(wrong_intermediate), HasSubstr("'SGX PCK Processor CA'"));

  TestPlatform wrong_root;
  wrong_root.root.subject_cn = wrong_root.root.issuer_cn = wrong_root.intermediate.issuer_cn =
      "Intel TDX Root CA";
  EXPECT_THAT(refusal_of(wrong_root), HasSubstr("expected 'SGX Root CA'"));

  TestPlatform platform_ca;
  platform_ca.intermediate.subject_cn = platform_ca.leaf.issuer_cn = "Intel SGX PCK Platform CA";
  EXPECT_EQ(refusal_of(platform_ca), "accepted");
}

TEST(PckChain, IssuersAreNamed) {
  for (const auto certificate :
       {&TestPlatform::leaf, &TestPlatform::intermediate, &TestPlatform::root}) {
    TestPlatform platform;
    (platform.*certificate).issuer_cn = "Intel SGX Somebody CA";
    EXPECT_THAT(refusal_of(platform), HasSubstr("names another issuer than"));
  }
}

TEST(PckChain, KeyIdsMatch) {
  for (const auto certificate :
       {&TestPlatform::leaf, &TestPlatform::intermediate, &TestPlatform::root}) {
    TestPlatform platform;
    (platform.*certificate).authority_key_id.mutable_view()[19] = std::byte{0xEE};
    EXPECT_THAT(refusal_of(platform), HasSubstr("names the issuer key"));
  }
}

TEST(PckChain, EveryCertificateIsSignedByTheNext) {
  const TestPlatform good;
  TestPlatform other;
  other.root_key = good.pck_key;
  other.intermediate_key = good.attestation_key;
  const std::string leaf = good.leaf_certificate().pem();
  const std::string intermediate = good.intermediate_certificate().pem();
  const std::string root = good.root_certificate().pem();
  EXPECT_EQ(refusal(leaf + intermediate + root), "accepted");
  EXPECT_THAT(refusal(other.leaf_certificate().pem() + intermediate + root),
              HasSubstr("is not signed by the key of"));
  EXPECT_THAT(refusal(leaf + other.intermediate_certificate().pem() + root),
              HasSubstr("is not signed by the key of"));
  EXPECT_THAT(refusal(leaf + intermediate + other.root_certificate().pem()),
              HasSubstr("is not signed by the key of"));
}

// The third certificate carries the root's key and name but is not signed by that key.
TEST(PckChain, TheRootIsSignedByItself) {
  const TestPlatform good;
  const auto root = crypto::issue_certificate(good.root, good.root_key.public_key(), good.pck_key);
  EXPECT_THAT(refusal(good.leaf_certificate().pem() + good.intermediate_certificate().pem() +
                      root.value().pem()),
              HasSubstr("is not signed by the key of"));
}

TEST(PckChain, AuthoritiesAreAuthorities) {
  TestPlatform intermediate;
  intermediate.intermediate.ca_path_length.reset();
  EXPECT_THAT(refusal_of(intermediate), HasSubstr("is not a CA"));
  TestPlatform root;
  root.root.ca_path_length.reset();
  EXPECT_THAT(refusal_of(root), HasSubstr("is not a CA"));
}

// A PCK key that could issue certificates could make PCK certificates of its own.
TEST(PckChain, TheLeafIsNoAuthority) {
  TestPlatform platform;
  platform.leaf.ca_path_length = 0;
  EXPECT_THAT(refusal_of(platform), HasSubstr("is a CA"));
}

TEST(PckChain, PathLengthsAreKept) {
  TestPlatform platform;
  platform.root.ca_path_length = 0;
  EXPECT_THAT(refusal_of(platform), HasSubstr("allows 0 CAs below it, the chain has 1"));
  platform.root.ca_path_length = 2;
  EXPECT_EQ(refusal_of(platform), "accepted");
}

// Key usage 0106 without certSign is 0102, 06C0 without digitalSignature 0640.
TEST(PckChain, KeysAreUsedForWhatTheyMay) {
  const TestPlatform platform;
  const std::string leaf = platform.leaf_certificate().pem();
  const std::string intermediate = platform.intermediate_certificate().pem();
  const std::string root = platform.root_certificate().pem();
  const auto without_cert_sign = [&](const Certificate& certificate) {
    return pem_of(replace_and_sign(certificate.der(), unhex("03020106"), unhex("03020102"),
                                   platform.root_key));
  };
  EXPECT_THAT(refusal(leaf + without_cert_sign(platform.intermediate_certificate()) + root),
              HasSubstr("may not sign certificates"));
  EXPECT_THAT(refusal(leaf + intermediate + without_cert_sign(platform.root_certificate())),
              HasSubstr("may not sign certificates"));
  EXPECT_THAT(refusal(pem_of(replace_and_sign(platform.leaf_certificate().der(), unhex("030206c0"),
                                              unhex("03020640"), platform.intermediate_key)) +
                      intermediate + root),
              HasSubstr("may not make digital signatures"));
}

TEST(PckChain, EveryExtensionOfTheProfileIsThere) {
  const TestPlatform platform;
  const std::string leaf = platform.leaf_certificate().pem();
  const std::string intermediate = platform.intermediate_certificate().pem();
  const std::string root = platform.root_certificate().pem();
  for (const std::string_view oid : {"551d23", "551d1f", "551d0e", "551d0f", "551d13"}) {
    const auto without = [&](const Certificate& certificate, const crypto::P256PrivateKey& issuer) {
      return pem_of(drop_extension_and_sign(certificate.der(), unhex(oid), issuer));
    };
    const std::string bare_leaf = without(platform.leaf_certificate(), platform.intermediate_key);
    const std::string bare_intermediate =
        without(platform.intermediate_certificate(), platform.root_key);
    const std::string bare_root = without(platform.root_certificate(), platform.root_key);
    for (const std::string& chain :
         {base::text(bare_leaf, intermediate, root), base::text(leaf, bare_intermediate, root),
          base::text(leaf, intermediate, bare_root)}) {
      EXPECT_THAT(refusal(chain), HasSubstr("lacks the extension")) << oid;
    }
  }
}

TEST(PckChain, TheLeafHasAValidSgxExtension) {
  TestPlatform without;
  without.leaf.extra.reset();
  EXPECT_THAT(refusal_of(without), HasSubstr("SGX extension"));
  TestPlatform broken;
  broken.leaf.extra->value.pop_back();
  EXPECT_THAT(refusal_of(broken), HasSubstr("DER"));
}

TEST(Label, IsBoundedAndPrintable) {
  TestPlatform platform;
  platform.leaf.subject_cn = "\x1b" + std::string(60, 'x');
  const std::string short_label = intel::label(platform.leaf_certificate());
  EXPECT_THAT(short_label, HasSubstr("\\1Bxxx"));
  EXPECT_LE(short_label.size(), 125U);
}

}  // namespace
}  // namespace quoted::verification
