#include "crypto/pem.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "crypto/testing/certificate_surgery.h"
#include "test_support/vectors.h"

namespace quoted::crypto {
namespace {

using namespace std::string_literals;
using base::text;
using ::testing::HasSubstr;

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----\n";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";

std::string block(std::string_view body) { return text(kBegin, body, '\n', kEnd); }

std::string decoded(std::string_view pem) {
  const auto bytes = decode_pem(pem, "CERTIFICATE");
  return bytes ? base::to_hex(*bytes) : "refused";
}

std::string refusal(std::string_view pem, std::string_view label = "CERTIFICATE") {
  const auto bytes = decode_pem(pem, label);
  if (bytes) return "accepted";
  EXPECT_EQ(bytes.error().code(), base::ErrorCode::kMalformed);
  return bytes.error().message();
}

TEST(Pem, ContentIsBase64) {
  EXPECT_EQ(decoded(block("AAEC")), "000102");
  EXPECT_EQ(decoded(block("AAE=")), "0001");
  EXPECT_EQ(decoded(block("/w==")), "ff");
  EXPECT_EQ(decoded("-----BEGIN CERTIFICATE-----\r\nAAEC\r\n-----END CERTIFICATE-----\r\n"),
            "000102");
  EXPECT_EQ(decoded("-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----"), "000102");
}

TEST(Pem, EverySizeComesBack) {
  for (std::size_t size = 1; size < 200; ++size) {
    base::Bytes bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::byte>(i * 7 + size));
    const auto back = decode_pem(testing::pem_of(bytes), "CERTIFICATE");
    ASSERT_TRUE(back) << size;
    EXPECT_EQ(*back, bytes);
  }
}

TEST(Pem, OnlyTheFirstBlockIsRead) {
  EXPECT_EQ(decoded(block("AAEC") + block("AwQF")), "000102");
  EXPECT_EQ(decoded(block("AAEC") + "garbage\0"s), "000102");
}

TEST(Pem, TheTextStartsWithTheBlock) {
  for (const std::string& before : {"\n"s, " "s, "garbage\n"s, "\0"s, std::string(kEnd),
                                    "-----BEGIN CERTIFICATE-----x\n"s, "-----BEGIN"s}) {
    EXPECT_THAT(refusal(before + block("AAEC")), HasSubstr("at the start of the text")) << before;
  }
  EXPECT_THAT(refusal(""), HasSubstr("at the start of the text"));
}

TEST(Pem, OtherLabelsAreRefused) {
  EXPECT_EQ(refusal(block("AAEC"), "X509 CRL"), "no PEM block 'X509 CRL' at the start of the text");
  EXPECT_NE(
      refusal("-----BEGIN TRUSTED CERTIFICATE-----\nAAEC\n-----END TRUSTED CERTIFICATE-----\n"),
      "accepted");
  EXPECT_NE(refusal("-----BEGIN CERTIFICATE-----\nAAEC\n-----END X509 CRL-----\n"), "accepted");
  // The label of the first line is not that of the block that follows.
  EXPECT_NE(refusal("-----BEGIN CERTIFICATE-----x\n-----BEGIN X509 CRL-----\nAAEC\n"
                    "-----END X509 CRL-----\n"),
            "accepted");
}

// A block with headers is encrypted; OpenSSL would ask the terminal for a password.
TEST(Pem, HeadersAreRefused) {
  EXPECT_EQ(
      refusal(text(kBegin, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAEC\n", kEnd)),
      "a PEM block 'CERTIFICATE' with headers");
  EXPECT_NE(refusal(text(kBegin, "Comment: x\n\nAAEC\n", kEnd)), "accepted");
}

TEST(Pem, DamagedBlocksAreRefused) {
  for (const std::string& damaged :
       {std::string(kBegin), text(kBegin, "AAEC\n"), text(kBegin, "AAEC\n-----END CERTIFICATE"),
        block("AA*C"), block("AAE"), block("AA=C"), block("====")}) {
    EXPECT_NE(refusal(damaged), "accepted") << damaged;
  }
}

}  // namespace
}  // namespace quoted::crypto
