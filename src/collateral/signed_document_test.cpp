#include "collateral/signed_document.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "collateral/certificate_chain.h"
#include "test_support/vectors.h"

namespace quoted::collateral {
namespace {

using base::text;

constexpr EnvelopeStatuses kStatuses{QvlStatus::kTcbInfoUnsupportedFormat,
                                     QvlStatus::kTcbInfoInvalid, QvlStatus::kEnclaveIdentityInvalid,
                                     QvlStatus::kEnclaveIdentityUnsupportedFormat, false};

crypto::P256PrivateKey signing_key() {
  return crypto::P256PrivateKey::from_seed(base::Bytes(crypto::kP256SeedSize, std::byte{3}))
      .value();
}

std::string signature_over(std::string_view message) {
  return signing_key().sign(base::as_bytes(message)).value().hex();
}

Judged<SignedDocument> parse(std::string_view json) {
  return SignedDocument::parse(json, "body", kStatuses);
}

TEST(SignedDocument, GenuineDocumentsAreSignedBothWays) {
  struct Genuine {
    const char* file;
    const char* member;
    const char* chain;
  };
  for (const auto& [file, member, chain_file] :
       {Genuine{"tcbinfo-v3-sgx-00606a000000-eval19.json", "tcbInfo", "tcb-signing-chain-2018.pem"},
        Genuine{"tcbinfo-v2-pcs-v3-body.json", "tcbInfo", "tcb-signing-chain-2025.pem"},
        Genuine{"qe-identity-v2-pcs-body.json", "enclaveIdentity", "tcb-signing-chain-2025.pem"},
        Genuine{"qve-identity-v2-pcs-body.json", "enclaveIdentity",
                "tcb-signing-chain-2018.pem"}}) {
    const auto document = SignedDocument::parse(
        test::read_text_vector(std::string("real-collateral/") + file), member, kStatuses);
    ASSERT_TRUE(document) << file << ": " << document.error().detail;
    const auto chain = CertificateChain::parse(
        test::read_text_vector(std::string("real-collateral/") + chain_file));
    ASSERT_TRUE(chain) << chain_file;
    EXPECT_TRUE(document->signed_exactly(chain->topmost()->public_key())) << file;
    EXPECT_TRUE(document->signed_compactly(chain->topmost()->public_key())) << file;
    EXPECT_FALSE(document->signed_exactly(chain->root()->public_key())) << file;
    EXPECT_FALSE(document->signed_compactly(chain->root()->public_key())) << file;
    EXPECT_EQ(document->duplicate, "") << file;
  }
}

TEST(SignedDocument, TheTwoTextsDifferWhereItWasNotWrittenCompactly) {
  const std::string spaced = R"({ "id" : "\u0053" })";
  const std::string written = R"({"id":"S"})";
  const auto anew =
      parse(text(R"({"body":)", spaced, R"(,"signature":")", signature_over(written), "\"}"));
  ASSERT_TRUE(anew);
  EXPECT_EQ(anew->exact_body, spaced);
  EXPECT_EQ(anew->compact_body, written);
  EXPECT_FALSE(anew->signed_exactly(signing_key().public_key()));
  EXPECT_TRUE(anew->signed_compactly(signing_key().public_key()));

  const auto as_received =
      parse(text(R"({"signature":")", signature_over(spaced), R"(","body":)", spaced, '}'));
  ASSERT_TRUE(as_received);
  EXPECT_TRUE(as_received->signed_exactly(signing_key().public_key()));
  EXPECT_FALSE(as_received->signed_compactly(signing_key().public_key()));
}

// The signature must not cover one value while another is read.
TEST(SignedDocument, OfDuplicatesTheFirstIsReadAndSigned) {
  const std::string good = R"({"id":"good"})";
  const std::string evil = R"({"id":"evil"})";
  const std::string tail = text(R"(,"signature":")", signature_over(good), "\"}");
  const auto first_good = parse(text(R"({"body":)", good, R"(,"body":)", evil, tail));
  ASSERT_TRUE(first_good);
  EXPECT_EQ(*first_good->body.member("id")->string(), "good");
  EXPECT_TRUE(first_good->signed_exactly(signing_key().public_key()));
  EXPECT_EQ(first_good->duplicate, "body");

  for (const char* const name : {"body", R"(\u0062ody)"}) {
    const auto first_evil = parse(text("{\"", name, "\":", evil, R"(,"body":)", good, tail));
    ASSERT_TRUE(first_evil);
    EXPECT_EQ(*first_evil->body.member("id")->string(), "evil");
    EXPECT_FALSE(first_evil->signed_exactly(signing_key().public_key())) << name;
    EXPECT_FALSE(first_evil->signed_compactly(signing_key().public_key())) << name;
    EXPECT_EQ(first_evil->duplicate, "body");
  }
}

TEST(SignedDocument, OfTwoSignaturesTheFirstCounts) {
  const std::string body = R"({"id":1})";
  const std::string good = signature_over(body);
  const auto evil_first = parse(text(R"({"body":)", body, R"(,"signature":")", signature_over("x"),
                                     R"(","signature":")", good, "\"}"));
  ASSERT_TRUE(evil_first);
  EXPECT_FALSE(evil_first->signed_exactly(signing_key().public_key()));
  EXPECT_EQ(evil_first->duplicate, "signature");
}

TEST(SignedDocument, SignaturesAre128DigitsOfEitherCase) {
  const std::string body = R"({"id":1})";
  const auto with = [&](const std::string& signature) {
    return parse(text(R"({"body":)", body, R"(,"signature":)", signature, '}'));
  };
  std::string upper = signature_over(body);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const auto capital = with(text('"', upper, '"'));
  ASSERT_TRUE(capital);
  EXPECT_TRUE(capital->signed_exactly(signing_key().public_key()));

  for (const std::string& wrong :
       {std::string("null"), std::string("1"), std::string("[]"), std::string("\"\""),
        text('"', upper.substr(1), '"'), text('"', upper, "0\"")}) {
    const auto refused = with(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().status, kStatuses.signature_malformed) << wrong;
  }
  // Of the right length, but no number: a bad signature, not a bad document.
  const auto no_number = with(text('"', std::string(128, 'g'), '"'));
  ASSERT_TRUE(no_number);
  EXPECT_FALSE(no_number->signature);
  EXPECT_FALSE(no_number->signed_exactly(signing_key().public_key()));
  EXPECT_FALSE(no_number->signed_compactly(signing_key().public_key()));
}

TEST(SignedDocument, FlawsOfTheEnvelopeHaveTheirStatuses) {
  const std::string signature = text(R"("signature":")", std::string(128, '0'), '"');
  const std::vector<std::pair<std::string, QvlStatus>> cases = {
      {"", kStatuses.not_json},
      {"[]", kStatuses.not_json},
      {"\"body\"", kStatuses.not_json},
      {text("{", signature, R"(,"body":{}} x)"), kStatuses.not_json},
      {text("\xEF\xBB\xBF{", signature, R"(,"body":{}})"), kStatuses.not_json},
      {"{}", kStatuses.signature_missing},
      {R"({"body":{}})", kStatuses.signature_missing},
      {text('{', signature, '}'), kStatuses.body_missing},
      {text('{', signature, R"(,"body":[]})"), kStatuses.body_missing},
      {text('{', signature, R"(,"body":"{}"})"), kStatuses.body_missing},
      {text('{', signature, R"(,"Body":{}})"), kStatuses.body_missing}};
  for (const auto& [json, status] : cases) {
    const auto refused = parse(json);
    ASSERT_FALSE(refused) << json;
    EXPECT_EQ(refused.error().status, status) << json;
    EXPECT_NE(refused.error().detail, "");
  }
  EXPECT_TRUE(parse(text('{', signature, R"(,"body":{},"more":1} )")));
}

}  // namespace
}  // namespace quoted::collateral
