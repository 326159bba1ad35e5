#include "quote/quote.h"

#include <gmock/gmock.h>

#include "quote/quote_builder.h"
#include "test_support/vectors.h"

namespace quoted::quote {
namespace {

using base::ErrorCode;
using test::read_vector;
using ::testing::HasSubstr;

// Offsets of quote-generation 1.1, for 32 bytes of authentication data.
constexpr std::size_t kLengthOffset = 432;
constexpr std::size_t kAuthenticationSizeOffset = 1012;
constexpr std::size_t kCertificationSizeOffset = 1048;

base::Bytes real_quote() { return read_vector("real-quotes/sgx-v3-processor.bin"); }

void put_le(base::Bytes& bytes, std::size_t offset, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    bytes[offset + i] = static_cast<std::byte>((value >> (8U * i)) & 0xFFU);
  }
}

base::Error error_of(const base::Bytes& bytes) {
  const auto parsed = Quote::parse(bytes);
  if (parsed) return {ErrorCode::kInternal, "accepted"};
  return parsed.error();
}

class RealQuote : public ::testing::TestWithParam<const char*> {};

TEST_P(RealQuote, ComesBackByteForByte) {
  const base::Bytes bytes = read_vector(GetParam());
  const auto parsed = Quote::parse(bytes);
  ASSERT_TRUE(parsed) << parsed.error().summary();
  EXPECT_EQ(parsed->header.version, 3);
  EXPECT_EQ(parsed->header.attestation_key_type, 2);
  EXPECT_EQ(parsed->authentication_data.size(), 32U);
  EXPECT_TRUE(base::equal(parsed->signed_bytes(), base::ByteView(bytes).first(kSignedSize)));
  EXPECT_TRUE(base::equal(serialize(*parsed).value(), bytes));
  EXPECT_EQ(quote_size(parsed->authentication_data.size(), parsed->certification_data.size()),
            bytes.size());
}

INSTANTIATE_TEST_SUITE_P(Vectors, RealQuote,
                         ::testing::Values("real-quotes/sgx-v3-platform.bin",
                                           "real-quotes/sgx-v3-processor.bin",
                                           "real-quotes/sgx-v3-processor-old-root.bin",
                                           "real-quotes/sgx-v3-processor-debug-2022.bin",
                                           "real-quotes/sgx-v3-platform-debug.bin",
                                           "real-quotes/sgx-v3-encrypted-ppid.bin"));

TEST(Quote, FieldsStandAtTheirOffsets) {
  const base::Bytes bytes = real_quote();
  const Quote parsed = Quote::parse(bytes).value();
  const auto at = [&](std::size_t offset, std::size_t size) {
    return base::to_hex(base::ByteView(bytes).subspan(offset, size));
  };
  EXPECT_EQ(base::to_hex(base::struct_bytes(parsed.header.qe_svn)), at(8, 2));
  EXPECT_EQ(base::to_hex(base::struct_bytes(parsed.header.pce_svn)), at(10, 2));
  EXPECT_EQ(parsed.header.qe_vendor_id.hex(), "939a7233f79c4ca9940a0db3957f0607");
  EXPECT_EQ(parsed.header.user_data.hex(), at(28, 20));
  EXPECT_EQ(parsed.report_body()->mr_enclave.hex(), at(48 + 64, 32));
  EXPECT_EQ(parsed.report_body()->report_data.hex(), at(48 + 320, 64));
  EXPECT_EQ(parsed.signature.quote_signature.hex(), at(436, 64));
  EXPECT_EQ(parsed.signature.attestation_key.hex(), at(500, 64));
  EXPECT_EQ(parsed.signature.qe_report.mr_signer.hex(), at(564 + 128, 32));
  EXPECT_EQ(parsed.signature.qe_report_signature.hex(), at(948, 64));
  EXPECT_EQ(base::to_hex(parsed.authentication_data), at(1014, 32));
  EXPECT_EQ(parsed.certification_type, 5);
  EXPECT_EQ(parsed.certification_data.size(), 3548U);
}

TEST(Quote, EveryTruncationIsMalformed) {
  const base::Bytes bytes = real_quote();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto parsed = Quote::parse(base::ByteView(bytes).first(size));
    ASSERT_FALSE(parsed) << size;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kQuoteMalformed) << size;
  }
}

TEST(Quote, MessagesNameFieldAndOffset) {
  const base::Bytes bytes = real_quote();
  EXPECT_EQ(Quote::parse(base::ByteView(bytes).first(40)).error().message(),
            "quote header at offset 0 needs 48 bytes, but only 40 are left");
  EXPECT_EQ(Quote::parse(base::ByteView(bytes).first(4599)).error().message(),
            "the signature data length at offset 432 is 4164, but only 4163 bytes follow");
}

TEST(Quote, BytesAfterTheEndNeedPermission) {
  base::Bytes bytes = real_quote();
  bytes.resize(bytes.size() + 7);
  EXPECT_EQ(error_of(bytes).message(), "7 bytes follow the quote, which ends at offset 4600");
  std::size_t trailing = 99;
  ASSERT_TRUE(Quote::parse(bytes, &trailing));
  EXPECT_EQ(trailing, 7U);
  ASSERT_TRUE(Quote::parse(real_quote(), &trailing));
  EXPECT_EQ(trailing, 0U);
}

// The end is what the length at 432 says, and the sizes inside must lead exactly there.
TEST(Quote, SizesMustAgree) {
  for (const std::uint32_t wrong : {0U, 583U, 616U, 4163U, 4165U, 0xFFFFFFFFU}) {
    base::Bytes bytes = real_quote();
    put_le(bytes, kLengthOffset, wrong, 4);
    EXPECT_EQ(error_of(bytes).code(), ErrorCode::kQuoteMalformed) << wrong;
    std::size_t trailing = 0;
    EXPECT_FALSE(Quote::parse(bytes, &trailing)) << wrong;
  }
  for (const std::uint32_t wrong : {0U, 31U, 33U, 0xFFFFU}) {
    base::Bytes bytes = real_quote();
    put_le(bytes, kAuthenticationSizeOffset, wrong, 2);
    EXPECT_EQ(error_of(bytes).code(), ErrorCode::kQuoteMalformed) << wrong;
  }
  // 0xFFFFFFFA + 6 wraps to 0 in 32 bits.
  for (const std::uint32_t wrong : {0U, 3547U, 3549U, 0xFFFFFFFAU, 0xFFFFFFFFU}) {
    base::Bytes bytes = real_quote();
    put_le(bytes, kCertificationSizeOffset, wrong, 4);
    EXPECT_EQ(error_of(bytes).code(), ErrorCode::kQuoteMalformed) << wrong;
  }
}

TEST(Quote, SlackInsideTheSignatureDataIsRefused) {
  EXPECT_THAT(error_of(read_vector("own-root-quotes/slack_bytes_inside_auth_data.bin")).message(),
              HasSubstr("before the end that the length at offset 432 announces"));
}

TEST(Quote, OtherVersionsAreUnsupportedWhateverFollows) {
  EXPECT_EQ(
      error_of(test::unhex("0200")).message(),
      "quote version 2, while versions 3 to 5 are supported; versions 1 and 2 are EPID quotes");
  EXPECT_EQ(error_of(test::unhex("0001")).message(),
            "quote version 256, while versions 3 to 5 are supported");
}

TEST(Quote, OtherKeyTypesAreUnsupported) {
  for (const std::uint32_t type : {0U, 1U, 3U, 0x0102U}) {
    base::Bytes bytes = real_quote();
    put_le(bytes, 2, type, 2);
    EXPECT_EQ(error_of(bytes).code(), ErrorCode::kQuoteUnsupported) << type;
  }
}

TEST(Quote, OtherTeesAreUnsupported) {
  const base::Error tdx = error_of(read_vector("own-root-quotes/tee_type_tdx_in_v3.bin"));
  EXPECT_EQ(tdx.code(), ErrorCode::kQuoteUnsupported);
  EXPECT_EQ(tdx.message(),
            "the TEE word of the header is 0x81 (TDX), while only 0x00 (SGX) stands in version 3");
  base::Bytes bytes = real_quote();
  put_le(bytes, 4, 0x01000000, 4);
  EXPECT_EQ(error_of(bytes).code(), ErrorCode::kQuoteUnsupported);
}

TEST(Quote, OtherVendorsAreUnsupported) {
  EXPECT_EQ(error_of(read_vector("own-root-quotes/vendor_id_other.bin")).code(),
            ErrorCode::kQuoteUnsupported);
}

TEST(Quote, WhatIsTooLargeIsRefusedUnread) {
  base::Bytes bytes = real_quote();
  bytes.resize(kMaxParsedQuoteSize + 1);
  std::size_t trailing = 0;
  const auto parsed = Quote::parse(bytes, &trailing);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message(), "131073 bytes are no quote, whose limit here is 131072");
}

TEST(Quote, SizesOfTheLibrariesFollowFromTheLayout) {
  EXPECT_EQ(kFixedSize, 436U);
  EXPECT_EQ(kMaxQuoteSize, 13346U);
  EXPECT_EQ(quote_size(kAuthenticationDataSize, 404), 1456U);
}

}  // namespace
}  // namespace quoted::quote
