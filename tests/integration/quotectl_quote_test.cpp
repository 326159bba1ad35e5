// quotectl quote: from a REPORT to a quote, and every way it is refused.
#include "quote/quote.h"
#include "aesm/codec.h"
#include "aesm/testing/fake_service.h"
#include "base/hex.h"
#include "quotectl_fixture.h"
#include "test_support/vectors.h"

namespace quoted::quotectl {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Quote : public QuotectlTest {
 protected:
  [[nodiscard]] test::ProcessResult quote(const std::string& report,
                                          const std::string& socket) const {
    return quotectl({"quote", report, "--socket", socket, "--out", file("out")});
  }
  void expect_no_output_file() const { EXPECT_FALSE(std::filesystem::exists(file("out"))); }
};

TEST_F(Quote, IsWholeAndUnpadded) {
  for (const std::vector<std::string>& cpu : {std::vector<std::string>{"--cpu", "own"},
                                              {"--cpu", "sdk-sim", "--cpusvn", "default"},
                                              {"--cpu", "sdk-sim", "--cpusvn", "upgraded"},
                                              {"--cpu", "sdk-sim", "--cpusvn", "downgraded"}}) {
    const std::string report = make_report("report", cpu);
    const auto result = quote(report, daemon().socket());
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, HasSubstr(kSimulated));
    const auto parsed = quote::Quote::parse(read(file("out")));
    ASSERT_TRUE(parsed) << parsed.error().summary();
    EXPECT_TRUE(base::equal(base::struct_bytes(*parsed->report_body()),
                            base::ByteView(read(report)).first(sizeof(sgx::ReportBody))));
  }
}

TEST_F(Quote, FilesThatAreNoReportAreRefused) {
  for (const std::size_t size : {0U, 384U, 431U, 433U}) {
    const std::string report = write("report", base::Bytes(size));
    EXPECT_THAT(quote(report, daemon().socket()), IsErrorSaying("432 bytes")) << size;
  }
  EXPECT_THAT(quote(file("none"), daemon().socket()), IsErrorSaying("No such file or directory"));
  EXPECT_THAT(quote(directory_.path(), daemon().socket()), IsErrorSaying("Is a directory"));
  expect_no_output_file();
}

TEST_F(Quote, UnusableSocketsAreToldApart) {
  const std::string report = make_report("report");
  EXPECT_THAT(quote(report, file("none")), IsErrorSaying("there is no socket at"));
  EXPECT_THAT(quote(report, report), IsErrorSaying("not a socket: "));
  EXPECT_THAT(quote(report, "/tmp/" + std::string(200, 'x')), IsErrorSaying("at most 107"));
  {
    const auto stale = aesm::test::listen_on(file("stale"), 1);
  }
  EXPECT_THAT(quote(report, file("stale")), IsErrorSaying("nobody listens on"));
  expect_no_output_file();
}

TEST_F(Quote, AnyFlippedBitIsRefused) {
  for (const std::vector<std::string>& cpu :
       {std::vector<std::string>{"--cpu", "own"}, {"--cpu", "sdk-sim"}}) {
    const base::Bytes good = read(make_report("report", cpu));
    for (std::size_t offset = 0; offset < good.size(); offset += 31) {
      base::Bytes bad = good;
      bad[offset] ^= std::byte{1} << (offset % 8);
      EXPECT_THAT(quote(write("bad", bad), daemon().socket()),
                  IsErrorSaying("the service answered 47 AESM_INVALID_REPORT"))
          << cpu.back() << ", offset " << offset;
    }
  }
  expect_no_output_file();
}

// A service that follows a script, to see what quotectl makes of answers that quoted does not give.
class QuoteOfService : public Quote {
 protected:
  void SetUp() override { write("report", base::Bytes(sizeof(sgx::Report))); }

  // One answer a connection; the kinds of the requests are kept.
  void answer_with(const std::vector<aesm::Response>& answers) {
    const auto script = [this, answers](aesm::test::ServedConnection peer) {
      const base::Bytes request = peer.read_request();
      if (const auto decoded = aesm::decode_request(request)) {
        asked_ += std::string(aesm::name_of(aesm::kind_of(*decoded))) + ' ';
      }
      const auto index = static_cast<std::size_t>(peer.index());
      if (index < answers.size()) peer.write(aesm::encode_response_frame(answers[index]));
    };
    std::filesystem::remove(file("s"));
    service_ = std::make_unique<aesm::test::FakeService>(file("s"), script);
  }

  [[nodiscard]] aesm::Response size_is(std::uint32_t size) const {
    return aesm::GetQuoteSizeExResponse{.error_code = 0, .quote_size = size};
  }
  [[nodiscard]] aesm::Response initialized() const {
    return aesm::InitQuoteExResponse{.error_code = 0,
                                     .target_info = base::ByteView(zeros_).first(512),
                                     .pub_key_id_size = 32,
                                     .pub_key_id = base::ByteView(zeros_).first(32)};
  }
  [[nodiscard]] test::ProcessResult quote_of_service() {
    auto result = quote(file("report"), file("s"));
    service_.reset();
    return result;
  }

  const base::Bytes zeros_ = base::Bytes(512);
  const aesm::Response size_needs_key_ =
      aesm::GetQuoteSizeExResponse{.error_code = 42, .quote_size = 0};
  const aesm::Response quote_needs_key_ =
      aesm::GetQuoteExResponse{.error_code = 42, .quote = {}, .qe_report_info = {}};
  const base::Bytes real_quote_ = test::read_vector("real-quotes/sgx-v3-platform.bin");
  std::string asked_;
  std::unique_ptr<aesm::test::FakeService> service_;
};

TEST_F(QuoteOfService, PaddingIsCutOff) {
  base::Bytes padded = real_quote_;
  padded.resize(8192);
  answer_with({size_is(8192),
               aesm::GetQuoteExResponse{.error_code = 0, .quote = padded, .qe_report_info = {}}});
  const auto result = quote_of_service();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(base::equal(read(file("out")), real_quote_));
  EXPECT_THAT(result.err, Not(HasSubstr(kSimulated))) << "this quote is of a real machine";
}

TEST_F(QuoteOfService, KeyIsInitialisedOnce) {
  const auto size = static_cast<std::uint32_t>(real_quote_.size());
  const aesm::Response quote =
      aesm::GetQuoteExResponse{.error_code = 0, .quote = real_quote_, .qe_report_info = {}};
  answer_with({size_needs_key_, initialized(), size_is(size), quote});
  EXPECT_EQ(quote_of_service().exit_code, 0);
  EXPECT_EQ(asked_, "GetQuoteSizeEx InitQuoteEx GetQuoteSizeEx GetQuoteEx ");
  EXPECT_TRUE(base::equal(read(file("out")), real_quote_));

  asked_.clear();
  answer_with({size_is(size), quote_needs_key_, initialized(), size_is(size), quote});
  EXPECT_EQ(quote_of_service().exit_code, 0);
  EXPECT_EQ(asked_, "GetQuoteSizeEx GetQuoteEx InitQuoteEx GetQuoteSizeEx GetQuoteEx ");
}

TEST_F(QuoteOfService, KeyThatStaysUninitialisedIsAnError) {
  answer_with({size_needs_key_, initialized(), size_needs_key_, initialized()});
  EXPECT_THAT(quote_of_service(), IsErrorSaying("answered 42 AESM_ATT_KEY_NOT_INITIALIZED"));
  EXPECT_EQ(asked_, "GetQuoteSizeEx InitQuoteEx GetQuoteSizeEx ");
  expect_no_output_file();
}

TEST_F(QuoteOfService, OtherRefusalsAreNotRetried) {
  answer_with({aesm::GetQuoteSizeExResponse{.error_code = 30, .quote_size = 0}, initialized()});
  EXPECT_THAT(quote_of_service(), IsErrorSaying("answered 30 AESM_SERVICE_UNAVAILABLE"));
  EXPECT_EQ(asked_, "GetQuoteSizeEx ");
}

TEST_F(QuoteOfService, AnswerThatIsNoQuoteIsAnError) {
  answer_with({size_is(500),
               aesm::GetQuoteExResponse{.error_code = 0, .quote = zeros_, .qe_report_info = {}}});
  EXPECT_THAT(quote_of_service(), IsErrorSaying("its quote has 512 bytes, at most 500"));
  answer_with({size_is(512),
               aesm::GetQuoteExResponse{.error_code = 0, .quote = zeros_, .qe_report_info = {}}});
  EXPECT_THAT(quote_of_service(),
              IsErrorSaying("the answer of " + file("s") + ": quote version 0"));
  expect_no_output_file();
}

TEST_F(QuoteOfService, ServiceThatClosesIsAnError) {
  answer_with({});
  EXPECT_THAT(quote_of_service(), IsErrorSaying("closed the connection"));
}

}  // namespace
}  // namespace quoted::quotectl
