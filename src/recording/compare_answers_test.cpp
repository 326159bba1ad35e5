#include "recording/compare_answers.h"

#include <gmock/gmock.h>

#include "base/byte_reader.h"
#include "base/text.h"
#include "quote/quote.h"
#include "recording/compare_quotes.h"
#include "test_support/vectors.h"

namespace quoted::recording {
namespace {

using base::Bytes;
using base::text;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> compare(const aesm::Response& expected, const aesm::Response& observed,
                                 std::int64_t more_room = 0) {
  std::vector<std::string> out;
  for (const auto& found : compare_answers(expected, observed, more_room)) {
    out.push_back(text(found.field, ": ", found.expected, " | ", found.observed));
  }
  return out;
}

aesm::Response quote_answer(const Bytes& quote, const Bytes* qe_report_info = nullptr) {
  aesm::GetQuoteExResponse out{.error_code = 0, .quote = quote, .qe_report_info = {}};
  if (qe_report_info != nullptr) out.qe_report_info = *qe_report_info;
  return out;
}

TEST(CompareAnswers, EqualAnswersAreTheSame) {
  const aesm::Response answer =
      aesm::GetSupportedAttKeyIdNumResponse{.error_code = 0, .att_key_id_num = 1};
  EXPECT_THAT(compare(answer, answer), IsEmpty());
}

TEST(CompareAnswers, NamesWhatDiffers) {
  EXPECT_THAT(compare(aesm::RegisterResponse{.error_code = 0},
                      aesm::SwitchExtendedEpidGroupResponse{.error_code = 0}),
              ElementsAre("kind: SGXRegister | SGXSwitchExtendedEpidGroup"));
  EXPECT_THAT(
      compare(aesm::RegisterResponse{.error_code = 0}, aesm::RegisterResponse{.error_code = 47}),
      ElementsAre("errorCode: 0 AESM_SUCCESS | 47 AESM_INVALID_REPORT"));
  EXPECT_THAT(compare(aesm::RegisterResponse{.error_code = 0}, aesm::RegisterResponse{}),
              ElementsAre("errorCode: 0 AESM_SUCCESS | absent"));
  const Bytes zeros(32);
  Bytes ones = zeros;
  ones[31] = std::byte{1};
  const aesm::Response init = aesm::InitQuoteExResponse{
      .error_code = 0, .target_info = zeros, .pub_key_id_size = 32, .pub_key_id = zeros};
  const aesm::Response other_init = aesm::InitQuoteExResponse{
      .error_code = 0, .target_info = {}, .pub_key_id_size = 33, .pub_key_id = ones};
  EXPECT_THAT(compare(init, other_init),
              ElementsAre("target_info: 32 bytes | absent", "pub_key_id_size: 32 | 33",
                          text("pub_key_id: ", base::to_hex(zeros), " | ", base::to_hex(ones))));
}

TEST(CompareAnswers, QuoteSizeMayVaryByTheCertificatesSignatures) {
  const auto size = [](std::uint32_t n) -> aesm::Response {
    return aesm::GetQuoteSizeExResponse{.error_code = 0, .quote_size = n};
  };
  EXPECT_THAT(compare(size(4600), size(4600 + kSizeAllowance)), IsEmpty());
  EXPECT_THAT(compare(size(4600 + kSizeAllowance), size(4600)), IsEmpty());
  EXPECT_THAT(compare(size(4600), size(4601 + kSizeAllowance)),
              ElementsAre("quote_size: 4600 | 4628"));
}

class CompareQuotes : public testing::Test {
 protected:
  // The quote with one byte changed.
  [[nodiscard]] Bytes altered(std::size_t offset) const {
    Bytes out = quote_;
    out.at(offset) ^= std::byte{1};
    return out;
  }
  [[nodiscard]] std::vector<std::string> compare_with(const Bytes& other) const {
    return compare(quote_answer(quote_), quote_answer(other));
  }

  const Bytes quote_ = test::read_vector("real-quotes/sgx-v3-platform.bin");
  const std::size_t signature_ = quote::kFixedSize;
};

TEST_F(CompareQuotes, SignaturesMayDiffer) {
  EXPECT_THAT(compare_with(quote_), IsEmpty());
  EXPECT_THAT(compare_with(altered(signature_)), IsEmpty());
  EXPECT_THAT(compare_with(altered(signature_ + 63)), IsEmpty());
  const std::size_t qe_signature =
      signature_ + offsetof(quote::SignatureBlock, qe_report_signature);
  EXPECT_THAT(compare_with(altered(qe_signature)), IsEmpty());
  EXPECT_THAT(compare_with(altered(qe_signature + 63)), IsEmpty());
}

TEST_F(CompareQuotes, NothingElseMay) {
  const std::size_t body = sizeof(quote::Header);
  const std::size_t key = signature_ + offsetof(quote::SignatureBlock, attestation_key);
  const std::size_t qe_report = signature_ + offsetof(quote::SignatureBlock, qe_report);
  const std::size_t authentication = signature_ + sizeof(quote::SignatureBlock) + 2;
  const struct {
    std::size_t offset;
    const char* field;
  } cases[] = {{8, "quote.header: "},
               {47, "quote.header: "},
               {body, "quote.report_body: "},
               {body + 383, "quote.report_body: "},
               {key, "quote.attestation_key: "},
               {qe_report, "quote.qe_report: "},
               {qe_report + 383, "quote.qe_report: "},
               {authentication, "quote.authentication_data: "},
               // In the base64 of the first certificate, which is then none or another.
               {authentication + 32 + 6 + 200, "quote.certif"}};
  for (const auto& one : cases) {
    EXPECT_THAT(compare_with(altered(one.offset)), ElementsAre(StartsWith(one.field)))
        << one.offset;
  }
}

TEST_F(CompareQuotes, SignatureOfACertificateMayDiffer) {
  // The last quantum of base64 before the first END line ends in the certificate's signature.
  const std::string_view all = base::as_text(quote_);
  const std::size_t end = all.find("\n-----END CERTIFICATE");
  ASSERT_NE(end, std::string_view::npos);
  std::size_t last = end - 1;
  while (quote_[last] == std::byte{'='}) --last;
  Bytes other = quote_;
  other[last - 8] = other[last - 8] == std::byte{'A'} ? std::byte{'B'} : std::byte{'A'};
  EXPECT_THAT(compare_with(other), IsEmpty());
}

TEST_F(CompareQuotes, WhatIsNoQuoteIsSaid) {
  EXPECT_THAT(compare_with(altered(0)), ElementsAre(StartsWith("quote: a quote | ")));
  EXPECT_THAT(compare(quote_answer(Bytes(10)), quote_answer(Bytes(10))), IsEmpty());
  EXPECT_THAT(compare(quote_answer(Bytes(10)), quote_answer(Bytes(10, std::byte{1}))),
              ElementsAre(StartsWith("quote: 0000")));
}

TEST_F(CompareQuotes, QuoteFillsTheBufferThatWasAskedFor) {
  Bytes padded = quote_;
  padded.resize(quote_.size() + 4);
  EXPECT_THAT(compare(quote_answer(quote_), quote_answer(padded), 4), IsEmpty());
  EXPECT_THAT(compare_with(padded),
              ElementsAre(text("quote: ", quote_.size(), " bytes | ", padded.size(), " bytes")));
}

TEST_F(CompareQuotes, QeReportCoversTheQuoteSoItsDataMayDiffer) {
  const Bytes info(sizeof(sgx::QeReportInfo));
  const auto with = [&](std::size_t offset) {
    Bytes other = info;
    other.at(offset) = std::byte{1};
    return compare(quote_answer(quote_, &info), quote_answer(quote_, &other));
  };
  const std::size_t report = offsetof(sgx::QeReportInfo, qe_report);
  EXPECT_THAT(with(0), ElementsAre(StartsWith("qe_report_info.nonce: ")));
  EXPECT_THAT(with(16), ElementsAre(StartsWith("qe_report_info.target_info: ")));
  EXPECT_THAT(with(report), ElementsAre(StartsWith("qe_report_info.qe_report: ")));
  EXPECT_THAT(with(report + offsetof(sgx::ReportBody, report_data)), IsEmpty());
  EXPECT_THAT(with(report + offsetof(sgx::Report, key_id)), IsEmpty());
  EXPECT_THAT(with(report + offsetof(sgx::Report, mac)), IsEmpty());
  EXPECT_THAT(compare(quote_answer(quote_, &info), quote_answer(quote_)),
              ElementsAre("qe_report_info: 960 bytes | absent"));
}

}  // namespace
}  // namespace quoted::recording
