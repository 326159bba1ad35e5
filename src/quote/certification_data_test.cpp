#include "quote/certification_data.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>

#include "test_support/vectors.h"

namespace quoted::quote {
namespace {

using base::ErrorCode;

ErrorCode code_of(std::uint16_t type, base::ByteView data) {
  const auto parsed = parse_certification_data(type, data);
  return parsed ? ErrorCode::kInternal : parsed.error().code();
}

Quote real_quote(const std::string& name) {
  return Quote::parse(test::read_vector("real-quotes/" + name)).value();
}

// Type 6 with a QE report of zeros, 2 bytes of authentication data and the given inner data.
base::Bytes qe_report_data(std::uint16_t inner_type, std::uint32_t inner_size,
                           std::string_view inner_hex) {
  base::Bytes out(384 + 64);
  base::append(out, test::unhex("0200a0a1"));
  base::append(out, base::struct_bytes(base::Le16(inner_type)));
  base::append(out, base::struct_bytes(base::Le32(inner_size)));
  base::append(out, test::unhex(inner_hex));
  return out;
}

TEST(CertificationData, FixedStructuresHaveOneSize) {
  struct Kind {
    std::uint16_t type;
    std::size_t size;
  };
  for (const Kind kind : {Kind{1, 36}, Kind{2, 276}, Kind{3, 404}}) {
    EXPECT_TRUE(parse_certification_data(kind.type, base::Bytes(kind.size)));
    EXPECT_EQ(code_of(kind.type, base::Bytes(kind.size - 1)), ErrorCode::kQuoteMalformed);
    EXPECT_EQ(code_of(kind.type, base::Bytes(kind.size + 1)), ErrorCode::kQuoteMalformed);
    EXPECT_EQ(code_of(kind.type, {}), ErrorCode::kQuoteMalformed);
  }
}

TEST(CertificationData, EncryptedPpidOfARealQuote) {
  const Quote quote = real_quote("sgx-v3-encrypted-ppid.bin");
  ASSERT_EQ(quote.certification_type, 3);
  const auto parsed = parse_certification_data(quote.certification_type, quote.certification_data);
  ASSERT_TRUE(parsed) << parsed.error().summary();
  const auto& data = std::get<EncryptedPpidRsa3072>(*parsed);
  const base::ByteView bytes = quote.certification_data;
  EXPECT_EQ(data.encrypted_ppid.hex(), base::to_hex(bytes.first(384)));
  EXPECT_EQ(data.tcb.cpu_svn.hex(), base::to_hex(bytes.subspan(384, 16)));
  EXPECT_EQ(data.tcb.pce_svn, 12);
  EXPECT_EQ(data.tcb.pce_id, 0);
}

TEST(CertificationData, IntelsSampleLacksTwoBytes) {
  const Quote quote = real_quote("intel-sample-sgx-v3.bin");
  const auto parsed = parse_certification_data(quote.certification_type, quote.certification_data);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message(), "certification data: PPID in clear has 36 bytes, got 34");
}

// The three tails of quote-generation 1.3.
TEST(CertificationData, PckChainsOfAllProducersAreAccepted) {
  for (const char* const name : {"sgx-v3-platform.bin", "sgx-v3-processor-debug-2022.bin",
                                 "sgx-v3-processor-old-root.bin"}) {
    const Quote quote = real_quote(name);
    const auto parsed =
        parse_certification_data(quote.certification_type, quote.certification_data);
    ASSERT_TRUE(parsed) << parsed.error().summary();
    const std::string& pem = std::get<PckChain>(*parsed).pem;
    EXPECT_EQ(pem.find('\0'), std::string::npos);
    EXPECT_TRUE(pem.starts_with("-----BEGIN CERTIFICATE-----\n"));
    EXPECT_THAT(pem, ::testing::HasSubstr("-----END CERTIFICATE-----"));
  }
}

TEST(CertificationData, EmptyPemIsMalformed) {
  for (const auto type : std::to_array<std::uint16_t>({4, 5})) {
    EXPECT_EQ(code_of(type, {}), ErrorCode::kQuoteMalformed);
    EXPECT_EQ(code_of(type, base::Bytes(3)), ErrorCode::kQuoteMalformed);
    EXPECT_TRUE(parse_certification_data(type, base::as_bytes("x")));
  }
}

TEST(CertificationData, QeReportNestsOnce) {
  const base::Bytes bytes = qe_report_data(5, 3, "c0c1c2");
  const auto parsed = parse_certification_data(6, bytes);
  ASSERT_TRUE(parsed) << parsed.error().summary();
  const auto& data = std::get<QeReportCertificationData>(*parsed);
  EXPECT_EQ(data.authentication_data, test::unhex("a0a1"));
  EXPECT_EQ(data.inner_type, 5);
  EXPECT_EQ(data.inner_data, test::unhex("c0c1c2"));

  EXPECT_EQ(code_of(6, qe_report_data(6, 0, "")), ErrorCode::kCertificationDataUnsupported);
  EXPECT_EQ(code_of(6, qe_report_data(0, 0, "")), ErrorCode::kCertificationDataUnsupported);
}

TEST(CertificationData, QeReportSizesMustAgree) {
  const base::Bytes bytes = qe_report_data(5, 3, "c0c1c2");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(code_of(6, base::ByteView(bytes).first(size)), ErrorCode::kQuoteMalformed) << size;
  }
  EXPECT_EQ(code_of(6, qe_report_data(5, 2, "c0c1c2")), ErrorCode::kQuoteMalformed);
  EXPECT_EQ(code_of(6, qe_report_data(5, 0xFFFFFFFA, "c0c1c2")), ErrorCode::kQuoteMalformed);
}

TEST(CertificationData, PlatformManifestIsTakenAsItIs) {
  const auto parsed = parse_certification_data(7, test::unhex("0102"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<PlatformManifest>(*parsed).manifest, test::unhex("0102"));
}

TEST(CertificationData, OtherTypesAreUnsupported) {
  for (const auto type : std::to_array<std::uint16_t>({0, 8, 0x0105, 0xFFFF})) {
    EXPECT_EQ(code_of(type, base::Bytes(36)), ErrorCode::kCertificationDataUnsupported);
    EXPECT_EQ(certification_type_name(type), "unknown");
  }
}

TEST(CertificationData, EveryTypeHasANameOfItsOwn) {
  std::vector<std::string_view> names;
  for (std::uint16_t type = 1; type <= 7; ++type) names.push_back(certification_type_name(type));
  EXPECT_THAT(names, ::testing::Not(::testing::Contains("unknown")));
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(std::ranges::count(names, names[i]), 1) << names[i];
  }
}

TEST(PckChainData, EndsAsCurrentProvidersWriteIt) {
  const base::Bytes expected = base::to_bytes(base::as_bytes(std::string_view("pem\n\0", 5)));
  using namespace std::string_view_literals;
  for (const std::string_view pem :
       {"pem"sv, "pem\n"sv, "pem\r\n"sv, "pem\n\0"sv, "pem\n\n\0\0"sv}) {
    EXPECT_EQ(pck_chain_data(pem), expected);
  }
}

TEST(PckChainData, ReproducesARealQuotesBytes) {
  const Quote quote = real_quote("sgx-v3-platform.bin");
  const auto parsed = parse_certification_data(quote.certification_type, quote.certification_data);
  EXPECT_EQ(pck_chain_data(std::get<PckChain>(parsed.value()).pem), quote.certification_data);
}

}  // namespace
}  // namespace quoted::quote
