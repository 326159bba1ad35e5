// Quotes of versions 4 and 5, for SGX and TDX (quote-verification 2 and 20).
#include <gmock/gmock.h>

#include "base/text.h"
#include "quote/quote_builder.h"
#include "test_support/vectors.h"

namespace quoted::quote {
namespace {

using base::ErrorCode;
using test::read_vector;
using ::testing::HasSubstr;

void put_le(base::Bytes& bytes, std::size_t offset, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    bytes.at(offset + i) = static_cast<std::byte>((value >> (8U * i)) & 0xFFU);
  }
}

std::uint32_t get_le32(const base::Bytes& bytes, std::size_t offset) {
  std::uint32_t out = 0;
  for (std::size_t i = 4; i-- > 0;)
    out = (out << 8U) | std::to_integer<unsigned>(bytes.at(offset + i));
  return out;
}

base::Error error_of(const base::Bytes& bytes) {
  const auto parsed = Quote::parse(bytes);
  return parsed ? base::Error(ErrorCode::kInternal, "accepted") : parsed.error();
}

struct Sample {
  const char* file;
  std::uint16_t version;
  bool tdx;
  std::size_t signed_size;  // the signature data length follows
};

std::ostream& operator<<(std::ostream& out, const Sample& sample) { return out << sample.file; }

class VersionedQuote : public ::testing::TestWithParam<Sample> {
 protected:
  base::Bytes bytes = read_vector(GetParam().file);
  // Where the outer certification data's type stands.
  const std::size_t outer = GetParam().signed_size + 4 + 128;
};

TEST_P(VersionedQuote, ComesBackByteForByte) {
  const auto parsed = Quote::parse_leniently(bytes);
  ASSERT_TRUE(parsed) << parsed.error().summary();
  EXPECT_EQ(parsed->header.version, GetParam().version);
  EXPECT_EQ(parsed->is_tdx(), GetParam().tdx);
  EXPECT_EQ(parsed->td_report() != nullptr, GetParam().tdx);
  EXPECT_EQ(parsed->report_body() == nullptr, GetParam().tdx);
  EXPECT_EQ(parsed->certification_type, 5);
  EXPECT_EQ(parsed->signed_size(), GetParam().signed_size);
  const base::ByteView own = base::ByteView(bytes).first(bytes.size() - parsed->trailing_bytes);
  EXPECT_EQ(parsed->slack_bytes, 0U);
  EXPECT_TRUE(base::equal(parsed->signed_bytes(), own.first(GetParam().signed_size)));
  EXPECT_EQ(base::to_hex(serialize(*parsed).value()), base::to_hex(own));
  EXPECT_EQ(signature_data_size(*parsed), get_le32(bytes, GetParam().signed_size));
}

TEST_P(VersionedQuote, EveryTruncationIsMalformed) {
  const std::size_t size = bytes.size() - Quote::parse_leniently(bytes)->trailing_bytes;
  for (std::size_t cut = 0; cut < size; ++cut) {
    const auto parsed = Quote::parse_leniently(base::ByteView(bytes).first(cut));
    ASSERT_FALSE(parsed) << cut;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kQuoteMalformed) << cut;
  }
}

TEST_P(VersionedQuote, OuterBlockIsOfTypeSix) {
  for (const std::uint32_t type : {0U, 1U, 5U, 7U, 0x0106U}) {
    base::Bytes changed = bytes;
    put_le(changed, outer, type, 2);
    EXPECT_THAT(error_of(changed).message(),
                HasSubstr(base::text("at offset ", outer, " is of type ", type)));
  }
}

TEST_P(VersionedQuote, OuterBlockIsFilledExactly) {
  const std::uint32_t size = get_le32(bytes, outer + 2);
  for (const std::uint32_t wrong :
       {0U, 449U, size - 1, size + 1, 0xFFFFFFFFU, 0xFFFFFFFAU, 0x80000000U}) {
    base::Bytes changed = bytes;
    put_le(changed, outer + 2, wrong, 4);
    EXPECT_EQ(error_of(changed).code(), ErrorCode::kQuoteMalformed) << wrong;
    EXPECT_FALSE(Quote::parse_leniently(changed)) << wrong;
  }
  // The same with room for a larger outer block.
  base::Bytes longer = bytes;
  longer.resize(bytes.size() - Quote::parse_leniently(bytes)->trailing_bytes);
  longer.push_back(std::byte{0});
  put_le(longer, GetParam().signed_size, get_le32(bytes, GetParam().signed_size) + 1, 4);
  put_le(longer, outer + 2, size + 1, 4);
  EXPECT_THAT(error_of(longer).message(), HasSubstr("1 bytes before the end of the outer one"));
}

TEST_P(VersionedQuote, InnerSizesStayInside) {
  const std::size_t authentication = outer + 6 + 384 + 64;
  for (const std::uint32_t wrong : {0U, 31U, 33U, 0xFFFFU}) {
    base::Bytes changed = bytes;
    put_le(changed, authentication, wrong, 2);
    EXPECT_EQ(error_of(changed).code(), ErrorCode::kQuoteMalformed) << wrong;
  }
  const std::size_t certification = authentication + 2 + 32 + 2;
  const std::uint32_t size = get_le32(bytes, certification);
  for (const std::uint32_t wrong : {0U, size - 1, size + 1, 0xFFFFFFFAU, 0xFFFFFFFFU}) {
    base::Bytes changed = bytes;
    put_le(changed, certification, wrong, 4);
    EXPECT_EQ(error_of(changed).code(), ErrorCode::kQuoteMalformed) << wrong;
  }
}

TEST_P(VersionedQuote, TrailingAndSlackBytesAreCounted) {
  const std::size_t trailing = Quote::parse_leniently(bytes)->trailing_bytes;
  base::Bytes longer = bytes;
  longer.resize(bytes.size() + 7);
  EXPECT_EQ(Quote::parse_leniently(longer)->trailing_bytes, trailing + 7);
  EXPECT_EQ(error_of(longer).code(), ErrorCode::kQuoteMalformed);
  std::size_t counted = 0;
  EXPECT_TRUE(Quote::parse(longer, &counted));
  EXPECT_EQ(counted, trailing + 7);

  // Behind the outer block, inside the signature data.
  put_le(longer, GetParam().signed_size, get_le32(bytes, GetParam().signed_size) + 5, 4);
  const auto slack = Quote::parse_leniently(longer);
  ASSERT_TRUE(slack);
  EXPECT_EQ(slack->slack_bytes, 5U);
  EXPECT_EQ(slack->trailing_bytes, trailing + 2);
  EXPECT_THAT(Quote::parse(longer, &counted).error().message(),
              HasSubstr(", 5 bytes before the end"));
}

TEST_P(VersionedQuote, ReservedHeaderBytesArePassedOver) {
  put_le(bytes, 8, 0xFFFFFFFF, 4);
  EXPECT_TRUE(Quote::parse_leniently(bytes));
}

TEST_P(VersionedQuote, TeeIsOneOfTwo) {
  for (const std::uint32_t tee : {1U, 0x80U, 0x82U, 0x8100U, 0x81000000U, 0x181U}) {
    base::Bytes changed = bytes;
    put_le(changed, 4, tee, 4);
    EXPECT_EQ(error_of(changed).code(), ErrorCode::kQuoteUnsupported) << tee;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, VersionedQuote,
    ::testing::Values(Sample{"real-quotes/tdx-v4.bin", 4, true, 632},
                      Sample{"verification-real/tdx-v4-up-to-date/quote.bin", 4, true, 632},
                      Sample{"real-quotes/tdx-v5.bin", 5, true, 702},
                      Sample{"verification-real/tdx-v5-td-relaunch-advised/quote.bin", 5, true,
                             702},
                      Sample{"own-root-quotes/version_4_sgx.bin", 4, false, 432},
                      Sample{"own-root-quotes/version_5_sgx.bin", 5, false, 438}));

TEST(TdReport, FieldsStandAtTheirOffsets) {
  const base::Bytes bytes = read_vector("real-quotes/tdx-v5.bin");
  const Quote parsed = Quote::parse_leniently(bytes).value();
  const auto at = [&](std::size_t offset, std::size_t size) {
    return base::to_hex(base::ByteView(bytes).subspan(54 + offset, size));
  };
  const auto* const extended = std::get_if<TdReport15>(&parsed.body);
  ASSERT_NE(extended, nullptr);
  const TdReport& report = *parsed.td_report();
  EXPECT_EQ(report.tee_tcb_svn.hex(), at(0, 16));
  EXPECT_EQ(report.mr_seam.hex(), at(16, 48));
  EXPECT_EQ(report.mr_signer_seam.hex(), at(64, 48));
  EXPECT_EQ(report.seam_attributes.hex(), at(112, 8));
  EXPECT_EQ(report.td_attributes.hex(), at(120, 8));
  EXPECT_EQ(report.xfam.hex(), at(128, 8));
  EXPECT_EQ(report.mr_td.hex(), at(136, 48));
  EXPECT_EQ(report.mr_config_id.hex(), at(184, 48));
  EXPECT_EQ(report.mr_owner.hex(), at(232, 48));
  EXPECT_EQ(report.mr_owner_config.hex(), at(280, 48));
  EXPECT_EQ(report.rt_mr0.hex(), at(328, 48));
  EXPECT_EQ(report.rt_mr3.hex(), at(472, 48));
  EXPECT_EQ(report.report_data.hex(), at(520, 64));
  EXPECT_EQ(extended->tee_tcb_svn2.hex(), at(584, 16));
  EXPECT_EQ(extended->mr_service_td.hex(), at(600, 48));
}

TEST(TdReport, DebugIsBitZeroOfItsAttributes) {
  base::Bytes bytes = read_vector("real-quotes/tdx-v4.bin");
  const std::size_t attributes = 48 + 120;
  ASSERT_EQ(get_le32(bytes, attributes) & 1U, 0U);
  EXPECT_FALSE(Quote::parse_leniently(bytes)->is_debug());
  bytes[attributes] |= std::byte{1};
  EXPECT_TRUE(Quote::parse_leniently(bytes)->is_debug());
  bytes[attributes] = std::byte{0xFE};
  EXPECT_FALSE(Quote::parse_leniently(bytes)->is_debug());

  base::Bytes extended = read_vector("real-quotes/tdx-v5.bin");
  extended[54 + 120] |= std::byte{1};
  EXPECT_TRUE(Quote::parse_leniently(extended)->is_debug());

  base::Bytes sgx = read_vector("own-root-quotes/version_4_sgx.bin");
  EXPECT_FALSE(Quote::parse_leniently(sgx)->is_debug());
  sgx[48 + 48] |= std::byte{2};
  EXPECT_TRUE(Quote::parse_leniently(sgx)->is_debug());
}

TEST(Version5, BodyIsOfAKnownTypeAndItsSize) {
  const base::Bytes bytes = read_vector("real-quotes/tdx-v5.bin");
  for (const std::uint32_t type : {0U, 4U, 0x0103U, 0xFFFFU}) {
    base::Bytes changed = bytes;
    put_le(changed, 48, type, 2);
    EXPECT_EQ(error_of(changed).message(),
              base::text("the body type at offset 48 is ", type, ", expected 1 to 3"));
  }
  for (const std::uint32_t type : {1U, 2U}) {
    base::Bytes changed = bytes;
    put_le(changed, 48, type, 2);
    EXPECT_THAT(error_of(changed).message(), HasSubstr("the body size at offset 50 is 648"));
  }
  for (const std::uint32_t size : {0U, 384U, 584U, 647U, 649U, 0x10288U, 0xFFFFFFFFU}) {
    base::Bytes changed = bytes;
    put_le(changed, 50, size, 4);
    EXPECT_EQ(error_of(changed).message(), base::text("the body size at offset 50 is ", size,
                                                      ", while a body of type 3 has 648"));
  }
}

TEST(Version5, BodyGoesWithTheTee) {
  base::Bytes tdx = read_vector("real-quotes/tdx-v5.bin");
  put_le(tdx, 4, kTeeTypeSgx, 4);
  EXPECT_EQ(error_of(tdx).message(),
            "the body at offset 48 is of type 3, which does not go with TEE 0x00");
  base::Bytes sgx = read_vector("own-root-quotes/version_5_sgx.bin");
  put_le(sgx, 4, kTeeTypeTdx, 4);
  EXPECT_EQ(error_of(sgx).message(),
            "the body at offset 48 is of type 1, which does not go with TEE 0x81");
}

Quote small_quote(std::uint16_t version, Body body) {
  Quote out;
  out.header.version = version;
  out.header.attestation_key_type = kKeyTypeEcdsaP256;
  out.header.tee_type = body.index() == 0 ? kTeeTypeSgx : kTeeTypeTdx;
  out.header.qe_vendor_id = intel_qe_vendor_id();
  out.body = body;
  out.certification_type = 5;
  return out;
}

TEST(Version5, EveryBodyComesBack) {
  std::size_t expected_type = 1;
  for (const Body& body : {Body(sgx::ReportBody()), Body(TdReport()), Body(TdReport15())}) {
    Quote quote = small_quote(kVersion5, body);
    quote.authentication_data = base::Bytes(3, std::byte{0xA5});
    quote.certification_data = base::Bytes(5, std::byte{0xC5});
    const base::Bytes bytes = serialize(quote).value();
    EXPECT_EQ(bytes.at(48), static_cast<std::byte>(expected_type));
    const auto parsed = Quote::parse(bytes);
    ASSERT_TRUE(parsed) << parsed.error().summary();
    EXPECT_EQ(parsed->body.index(), expected_type - 1);
    EXPECT_EQ(parsed->authentication_data, quote.authentication_data);
    EXPECT_EQ(parsed->certification_data, quote.certification_data);
    ++expected_type;
  }
}

// What is written is read, whatever the version; one byte more would be refused.
TEST(QuoteBuilder, LargestQuoteOfEachVersionIsReadBack) {
  for (const Quote& small :
       {small_quote(kVersion3, sgx::ReportBody()), small_quote(kVersion4, sgx::ReportBody()),
        small_quote(kVersion4, TdReport()), small_quote(kVersion5, TdReport15())}) {
    Quote quote = small;
    const std::size_t empty = serialize(quote).value().size();
    quote.certification_data.resize(kMaxParsedQuoteSize - empty);
    const auto largest = serialize(quote);
    ASSERT_TRUE(largest);
    EXPECT_EQ(largest->size(), kMaxParsedQuoteSize);
    EXPECT_TRUE(Quote::parse(*largest));
    quote.certification_data.push_back(std::byte{0});
    EXPECT_EQ(serialize(quote).error().code(), ErrorCode::kWrongSize);
  }
}

TEST(Version3, IsNeverTdx) {
  base::Bytes bytes = read_vector("real-quotes/sgx-v3-processor.bin");
  put_le(bytes, 4, kTeeTypeTdx, 4);
  EXPECT_EQ(error_of(bytes).code(), ErrorCode::kQuoteUnsupported);
}

}  // namespace
}  // namespace quoted::quote
