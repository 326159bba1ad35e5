#include "quote/quote_builder.h"

#include <gmock/gmock.h>

#include "test_support/vectors.h"

namespace quoted::quote {
namespace {

Quote small_quote() {
  Quote out;
  out.header.version = kVersion3;
  out.header.attestation_key_type = kKeyTypeEcdsaP256;
  out.header.qe_vendor_id = intel_qe_vendor_id();
  out.header.qe_svn = 0x0102;
  out.certification_type = 5;
  out.authentication_data = test::unhex("a0a1");
  out.certification_data = test::unhex("c0c1c2");
  return out;
}

TEST(QuoteBuilder, WritesTheLayoutOfTheSpecification) {
  const base::Bytes bytes = serialize(small_quote()).value();
  ASSERT_EQ(bytes.size(), 436U + 584 + 2 + 3);
  const auto at = [&](std::size_t offset, std::size_t size) {
    return base::to_hex(base::ByteView(bytes).subspan(offset, size));
  };
  EXPECT_EQ(at(0, 12), "030002000000000002010000");
  EXPECT_EQ(at(12, 16), "939a7233f79c4ca9940a0db3957f0607");
  EXPECT_EQ(at(432, 4), "4d020000");  // 584 + 2 + 3
  EXPECT_EQ(at(1012, 4), "0200a0a1");
  EXPECT_EQ(at(1016, 9), "050003000000c0c1c2");
}

TEST(QuoteBuilder, ParsesBack) {
  for (const std::size_t authentication : {0U, 32U, 1000U, 65535U}) {
    for (const std::size_t certification : {0U, 1U, 12294U}) {
      Quote quote = small_quote();
      quote.authentication_data = base::Bytes(authentication, std::byte{0xA5});
      quote.certification_data = base::Bytes(certification, std::byte{0xC5});
      const auto parsed = Quote::parse(serialize(quote).value());
      ASSERT_TRUE(parsed) << parsed.error().summary();
      EXPECT_EQ(parsed->authentication_data, quote.authentication_data);
      EXPECT_EQ(parsed->certification_data, quote.certification_data);
      EXPECT_EQ(parsed->header.qe_svn, 0x0102);
    }
  }
}

TEST(QuoteBuilder, PartsThatDoNotFitAreRefused) {
  Quote quote = small_quote();
  quote.authentication_data.resize(65536);
  EXPECT_EQ(serialize(quote).error().code(), base::ErrorCode::kWrongSize);

  quote = small_quote();
  quote.certification_data.resize(kMaxParsedQuoteSize - quote_size(2, 0));
  EXPECT_TRUE(serialize(quote));
  quote.certification_data.push_back(std::byte{0});
  EXPECT_EQ(serialize(quote).error().code(), base::ErrorCode::kWrongSize);
}

}  // namespace
}  // namespace quoted::quote
