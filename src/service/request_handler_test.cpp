// Every rule of aesm-protocol 3, asserted on the exact bytes of the answer.
#include "service/request_handler.h"

#include <gmock/gmock.h>

#include <limits>
#include <string>

#include "aesm/codec.h"
#include "base/byte_reader.h"
#include "base/hex.h"
#include "base/text.h"
#include "fakes/fake_platform.h"

namespace quoted::service {
namespace {

using base::Bytes;
using base::ByteView;
using base::ErrorCode;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr RequestLimits kLimits;

// The hexadecimal form of the frame without its length prefix, which is checked on the way.
std::string body_of(const Answer& answer) {
  const ByteView frame = answer.frame;
  base::Le32 size;
  std::memcpy(&size, frame.data(), sizeof size);
  EXPECT_EQ(size, frame.size() - sizeof size);
  return base::to_hex(frame.subspan(sizeof size));
}

Answer answer_to(const aesm::Request& request,
                 const quoting::PlatformSnapshot& snapshot = test::certified_snapshot()) {
  Decision decision = decide(request, snapshot, kLimits);
  if (auto* answer = std::get_if<Answer>(&decision)) return *answer;
  ADD_FAILURE() << "a quote job in place of an answer";
  return {};
}

// "AESM code ERROR_NAME body" of a refusal.
void expect_refused(const Answer& answer, std::uint32_t code, ErrorCode reason,
                    const std::string& body) {
  EXPECT_EQ(answer.aesm_code(), code);
  ASSERT_TRUE(answer.reason);
  EXPECT_EQ(answer.reason->code(), reason) << answer.reason->summary();
  EXPECT_EQ(body_of(answer), body);
}

Bytes bytes_of(std::size_t size) { return Bytes(size, std::byte{0}); }

Bytes own_key_id() {
  const sgx::AttestationKeyId id = sgx::ecdsa_p256_key_id();
  return base::to_bytes(base::struct_bytes(id));
}

Bytes other_key_id() {
  Bytes id = own_key_id();
  id[157] = std::byte{1};
  return id;
}

// GetSupportedAttKeyIDNum (3.1)

TEST(NumKeyIds, OneWhenThePlatformIsThere) {
  EXPECT_EQ(body_of(answer_to(aesm::GetSupportedAttKeyIdNumRequest{.timeout = 15000})),
            "aa010408001001");
}

TEST(NumKeyIds, UnavailableEncodesZero) {
  const auto snapshot =
      test::uncertified_snapshot({ErrorCode::kServiceUnavailable, "still starting"});
  expect_refused(answer_to(aesm::GetSupportedAttKeyIdNumRequest{}, snapshot), 30,
                 ErrorCode::kServiceUnavailable, "aa0104081e1000");
}

TEST(NumKeyIds, AKeyWithoutCertificateIsStillAKey) {
  const auto snapshot =
      test::uncertified_snapshot({ErrorCode::kAttestationKeyNotInitialized, "not initialised"});
  EXPECT_EQ(body_of(answer_to(aesm::GetSupportedAttKeyIdNumRequest{}, snapshot)), "aa010408001001");
}

// GetSupportedAttKeyIDs (3.2)

aesm::GetSupportedAttKeyIdsRequest key_ids(std::uint32_t buf_size) {
  aesm::GetSupportedAttKeyIdsRequest request;
  request.buf_size = buf_size;
  return request;
}

TEST(KeyIds, ListsTheOneKeyAndNothingBeyondItsIdentity) {
  auto snapshot = test::certified_snapshot();
  snapshot.key_id.spid.mutable_view()[0] = std::byte{7};
  EXPECT_EQ(body_of(answer_to(key_ids(256), snapshot)),
            "b20185020800128002" + base::to_hex(own_key_id()));
}

TEST(KeyIds, RefusesAnyOtherBufferSize) {
  for (const std::uint32_t size : {0U, 1U, 255U, 257U, 512U, 0xFFFFFFFFU}) {
    expect_refused(answer_to(key_ids(size)), 3, ErrorCode::kBadParameter, "b201020803");
  }
}

TEST(KeyIds, BufferSizeIsRequired) {
  expect_refused(answer_to(aesm::GetSupportedAttKeyIdsRequest{}), 1, ErrorCode::kMissingField,
                 "b201020801");
}

TEST(KeyIds, UnavailableIsAParameterError) {
  const auto snapshot =
      test::uncertified_snapshot({ErrorCode::kServiceUnavailable, "still starting"});
  const Answer answer = answer_to(key_ids(256), snapshot);
  expect_refused(answer, 3, ErrorCode::kBadParameter, "b201020803");
  EXPECT_THAT(answer.reason->message(), HasSubstr("still starting"));
}

// SelectAttKeyID (3.3)

Bytes key_list(const std::vector<Bytes>& entries, std::uint32_t count, std::uint16_t id = 0,
               std::uint16_t version = 0) {
  sgx::AttestationKeyIdListHeader header;
  header.id = id;
  header.version = version;
  header.num_att_ids = count;
  Bytes out = base::to_bytes(base::struct_bytes(header));
  for (const Bytes& entry : entries) base::append(out, entry);
  return out;
}

Answer select(ByteView list) {
  aesm::SelectAttKeyIdRequest request;
  request.att_key_id_list = list;
  return answer_to(request);
}

const std::string kSelected = "9a0185020800128002";

TEST(SelectKeyId, WithoutAListGivesTheOwnEntry) {
  auto snapshot = test::certified_snapshot();
  snapshot.key_id.reserved[79] = std::byte{9};
  EXPECT_EQ(body_of(answer_to(aesm::SelectAttKeyIdRequest{}, snapshot)),
            kSelected + base::to_hex(own_key_id()));
}

TEST(SelectKeyId, GivesTheClientsOwnEntryBack) {
  Bytes mine = own_key_id();
  for (std::size_t i = 158; i < 256; ++i) mine[i] = std::byte{0x77};
  EXPECT_EQ(body_of(select(key_list({other_key_id(), mine}, 2))), kSelected + base::to_hex(mine));
}

TEST(SelectKeyId, GivesTheFirstOfSeveralMatches) {
  Bytes first = own_key_id();
  first[200] = std::byte{1};
  Bytes second = own_key_id();
  second[200] = std::byte{2};
  EXPECT_EQ(body_of(select(key_list({first, second}, 2))), kSelected + base::to_hex(first));
}

TEST(SelectKeyId, NoMatchIsUnsupported) {
  expect_refused(select(key_list({other_key_id()}, 1)), 38, ErrorCode::kUnsupportedAttestationKey,
                 "9a01020826");
}

TEST(SelectKeyId, EveryOneOfThe158BytesCounts) {
  for (std::size_t i = 0; i < 256; ++i) {
    Bytes entry = own_key_id();
    entry[i] ^= std::byte{0x80};
    EXPECT_EQ(select(key_list({entry}, 1)).aesm_code(), i < 158 ? 38U : 0U) << "byte " << i;
  }
}

TEST(SelectKeyId, RefusesMalformedLists) {
  const Bytes own = own_key_id();
  const std::vector<Bytes> ten(10, own);
  const std::vector<Bytes> eleven(11, own);
  EXPECT_EQ(select(key_list(ten, 10)).aesm_code(), 0U);
  const std::vector<Bytes> bad = {
      Bytes(),                             // present but empty
      bytes_of(263),                       // shorter than one entry
      key_list({own}, 1, 1, 0),            // id
      key_list({own}, 1, 0, 1),            // version
      key_list(eleven, 11),                // too many
      key_list({own}, 0),                  // fewer announced than there
      key_list({own}, 2),                  // more announced than there
      key_list({own, {std::byte{0}}}, 1),  // a byte left over
      key_list({own}, 0x01000001),         // 8 + 256 * count wraps around 2^32 to 264
  };
  for (const Bytes& list : bad) {
    expect_refused(select(list), 3, ErrorCode::kBadParameter, "9a01020803");
  }
}

TEST(SelectKeyId, UnavailableComesBeforeTheList) {
  const auto snapshot =
      test::uncertified_snapshot({ErrorCode::kServiceUnavailable, "still starting"});
  aesm::SelectAttKeyIdRequest request;
  request.att_key_id_list = ByteView();
  expect_refused(answer_to(request, snapshot), 30, ErrorCode::kServiceUnavailable, "9a0102081e");
}

// InitQuoteEx (3.4)

struct Init {
  std::optional<Bytes> key_id = own_key_id();
  std::optional<bool> b_pub_key_id = true;
  std::optional<std::uint64_t> buf_size = 32;
};

Answer init(const Init& with,
            const quoting::PlatformSnapshot& snapshot = test::certified_snapshot()) {
  aesm::InitQuoteExRequest request;
  if (with.key_id) request.att_key_id = *with.key_id;
  request.b_pub_key_id = with.b_pub_key_id;
  request.buf_size = with.buf_size;
  return answer_to(request, snapshot);
}

std::string zeros(std::size_t bytes) { return std::string(2 * bytes, '0'); }

const std::string kInitFirstCall = "7a87040800128004" + zeros(512) + "1820";

TEST(InitQuoteEx, FirstFormTellsTheSizeAlone) {
  EXPECT_EQ(body_of(init({.b_pub_key_id = false, .buf_size = std::nullopt})), kInitFirstCall);
}

TEST(InitQuoteEx, FirstFormIgnoresGarbageInBufSize) {
  for (const std::uint64_t garbage : {0ULL, 1ULL, 33ULL, 0x7FFC12345678ULL, ~0ULL}) {
    EXPECT_EQ(body_of(init({.b_pub_key_id = false, .buf_size = garbage})), kInitFirstCall);
  }
}

TEST(InitQuoteEx, FirstFormNeedsNoCertifiedKey) {
  const auto snapshot =
      test::uncertified_snapshot({ErrorCode::kAttestationKeyNotInitialized, "not initialised"});
  EXPECT_EQ(body_of(init({.b_pub_key_id = false}, snapshot)), kInitFirstCall);
}

TEST(InitQuoteEx, SecondFormGivesTargetInfoAndKeyId) {
  const auto snapshot = test::certified_snapshot();
  EXPECT_EQ(body_of(init({})), "7aa9040800128004" +
                                   base::to_hex(base::struct_bytes(snapshot.qe_target_info)) +
                                   "1820"
                                   "2220" +
                                   snapshot.pub_key_id.hex());
}

TEST(InitQuoteEx, SecondFormNeedsExactly32AndEchoesTheSize) {
  expect_refused(init({.buf_size = 31}), 3, ErrorCode::kBadParameter, "7a040803181f");
  expect_refused(init({.buf_size = 33}), 3, ErrorCode::kBadParameter, "7a0408031821");
  expect_refused(init({.buf_size = std::nullopt}), 3, ErrorCode::kBadParameter, "7a0408031800");
  expect_refused(init({.buf_size = std::numeric_limits<std::uint64_t>::max()}), 3,
                 ErrorCode::kBadParameter, "7a0d080318ffffffffffffffffff01");
  // Equal to 32 in its low half only.
  expect_refused(init({.buf_size = 0x100000020}), 3, ErrorCode::kBadParameter,
                 "7a08080318a080808010");
}

TEST(InitQuoteEx, KeyIdMustBeThereAndLongEnough) {
  expect_refused(init({.key_id = std::nullopt}), 3, ErrorCode::kBadParameter, "7a0408031820");
  expect_refused(init({.key_id = Bytes()}), 3, ErrorCode::kBadParameter, "7a0408031820");
  expect_refused(init({.key_id = bytes_of(255)}), 3, ErrorCode::kBadParameter, "7a0408031820");
  Bytes longer = own_key_id();
  longer.resize(300);
  EXPECT_EQ(init({.key_id = longer}).aesm_code(), 0U);
}

TEST(InitQuoteEx, UnknownKeyEchoesTheSize) {
  expect_refused(init({.key_id = other_key_id()}), 38, ErrorCode::kUnsupportedAttestationKey,
                 "7a0408261820");
  expect_refused(init({.key_id = other_key_id(), .b_pub_key_id = false, .buf_size = std::nullopt}),
                 38, ErrorCode::kUnsupportedAttestationKey, "7a0408261800");
}

TEST(InitQuoteEx, ParametersComeBeforeTheUnknownKey) {
  expect_refused(init({.key_id = other_key_id(), .buf_size = 5}), 3, ErrorCode::kBadParameter,
                 "7a0408031805");
}

TEST(InitQuoteEx, UncertifiedAnswersThePlatformsReason) {
  const auto snapshot =
      test::uncertified_snapshot({ErrorCode::kPceOutOfEpc, "no enclave memory for the PCE"});
  expect_refused(init({}, snapshot), 29, ErrorCode::kPceOutOfEpc, "7a04081d1820");
}

TEST(InitQuoteEx, ChecksInTheOrderOfTheSpecification) {
  const auto down = test::uncertified_snapshot({ErrorCode::kServiceUnavailable, "down"});
  Init bad{.key_id = std::nullopt, .b_pub_key_id = std::nullopt, .buf_size = 5};
  expect_refused(init(bad, down), 1, ErrorCode::kMissingField, "7a0408011805");
  bad.b_pub_key_id = true;
  expect_refused(init(bad, down), 30, ErrorCode::kServiceUnavailable, "7a04081e1805");
  expect_refused(init(bad), 3, ErrorCode::kBadParameter, "7a0408031805");
}

// A client that asked for the size before the certification data grew.
TEST(GetQuoteEx, TakesTheSizeOfBeforeWhileItIsStillServed) {
  auto snapshot = test::certified_snapshot();
  snapshot.previous_quote_size = snapshot.quote_size - 5;
  aesm::GetQuoteExRequest request;
  const Bytes report(sizeof(sgx::Report));
  const Bytes key_id = own_key_id();
  request.report = report;
  request.att_key_id = key_id;
  request.buf_size = snapshot.quote_size - 5;
  const Decision decision = decide(request, snapshot, {});
  ASSERT_TRUE(std::holds_alternative<QuoteJob>(decision));
  EXPECT_EQ(std::get<QuoteJob>(decision).request.max_size, snapshot.quote_size - 5);
  request.buf_size = snapshot.quote_size - 6;
  EXPECT_TRUE(std::holds_alternative<Answer>(decide(request, snapshot, {})));
}

// GetQuoteSizeEx (3.5)

Answer size_of_quote(const std::optional<Bytes>& key_id,
                     const quoting::PlatformSnapshot& snapshot = test::certified_snapshot()) {
  aesm::GetQuoteSizeExRequest request;
  if (key_id) request.att_key_id = *key_id;
  return answer_to(request, snapshot);
}

TEST(QuoteSize, IsTheSnapshots) {
  EXPECT_EQ(body_of(size_of_quote(own_key_id())), "820105080010f823");
}

TEST(QuoteSize, ErrorsCarryZero) {
  expect_refused(size_of_quote(std::nullopt), 3, ErrorCode::kBadParameter, "82010408031000");
  expect_refused(size_of_quote(bytes_of(255)), 3, ErrorCode::kBadParameter, "82010408031000");
  expect_refused(size_of_quote(other_key_id()), 38, ErrorCode::kUnsupportedAttestationKey,
                 "82010408261000");
  expect_refused(
      size_of_quote(own_key_id(), test::uncertified_snapshot(
                                      {ErrorCode::kAttestationKeyNotInitialized, "not yet"})),
      42, ErrorCode::kAttestationKeyNotInitialized, "820104082a1000");
  expect_refused(size_of_quote(std::nullopt, test::uncertified_snapshot(
                                                 {ErrorCode::kServiceUnavailable, "down"})),
                 30, ErrorCode::kServiceUnavailable, "820104081e1000");
}

// GetQuoteEx (3.6)

struct Quote {
  std::optional<Bytes> report = bytes_of(432);
  std::optional<Bytes> key_id = own_key_id();
  std::optional<Bytes> qe_report_info = std::nullopt;
  std::optional<std::uint32_t> buf_size = test::kFakeQuoteSize;
};

Decision decide_quote(const Quote& with,
                      const quoting::PlatformSnapshot& snapshot = test::certified_snapshot()) {
  aesm::GetQuoteExRequest request;
  if (with.report) request.report = *with.report;
  if (with.key_id) request.att_key_id = *with.key_id;
  if (with.qe_report_info) request.qe_report_info = *with.qe_report_info;
  request.buf_size = with.buf_size;
  return decide(request, snapshot, kLimits);
}

void expect_quote_refused(const Quote& with, std::uint32_t code, ErrorCode reason,
                          const quoting::PlatformSnapshot& snapshot = test::certified_snapshot()) {
  const Decision decision = decide_quote(with, snapshot);
  ASSERT_TRUE(std::holds_alternative<Answer>(decision));
  expect_refused(std::get<Answer>(decision), code, reason,
                 "8a010208" + base::to_hex(Bytes{static_cast<std::byte>(code)}));
}

QuoteJob job_for(const Quote& with) {
  const Decision decision = decide_quote(with);
  if (const auto* job = std::get_if<QuoteJob>(&decision)) return *job;
  ADD_FAILURE() << "refused: " << std::get<Answer>(decision).reason->summary();
  return {};
}

TEST(GetQuoteEx, HandsReportAndQeReportInfoToThePlatform) {
  Bytes report = bytes_of(432);
  report[431] = std::byte{0xEE};
  Bytes info = bytes_of(960);
  info[15] = std::byte{0xDD};
  const QuoteJob job = job_for({.report = report, .qe_report_info = info, .buf_size = 8192});
  EXPECT_TRUE(base::equal(base::struct_bytes(job.request.report), report));
  ASSERT_TRUE(job.request.qe_report_info);
  EXPECT_TRUE(base::equal(base::struct_bytes(*job.request.qe_report_info), info));
  EXPECT_EQ(job.buf_size, 8192U);
}

TEST(GetQuoteEx, ReportAndBufSizeAreRequired) {
  expect_quote_refused({.report = std::nullopt}, 1, ErrorCode::kMissingField);
  expect_quote_refused({.buf_size = std::nullopt}, 1, ErrorCode::kMissingField);
}

TEST(GetQuoteEx, ReportHasExactly432Bytes) {
  for (const std::size_t size : {0U, 431U, 433U, 512U}) {
    expect_quote_refused({.report = bytes_of(size)}, 3, ErrorCode::kBadParameter);
  }
}

TEST(GetQuoteEx, QeReportInfoHasExactly960BytesWhenPresent) {
  for (const std::size_t size : {0U, 959U, 961U}) {
    expect_quote_refused({.qe_report_info = bytes_of(size)}, 3, ErrorCode::kBadParameter);
  }
}

TEST(GetQuoteEx, KeyIdComesBeforeTheReport) {
  expect_quote_refused({.report = bytes_of(1), .key_id = other_key_id()}, 38,
                       ErrorCode::kUnsupportedAttestationKey);
  expect_quote_refused({.report = bytes_of(1), .key_id = std::nullopt}, 3,
                       ErrorCode::kBadParameter);
}

TEST(GetQuoteEx, BufSizeIsBounded) {
  expect_quote_refused({.buf_size = test::kFakeQuoteSize - 1}, 3, ErrorCode::kQuoteBufferTooSmall);
  expect_quote_refused({.buf_size = 0}, 3, ErrorCode::kQuoteBufferTooSmall);
  expect_quote_refused({.buf_size = 1024 * 1024 + 1}, 3, ErrorCode::kBadParameter);
  expect_quote_refused({.buf_size = 0xFFFFFFFF}, 3, ErrorCode::kBadParameter);
  EXPECT_EQ(job_for({.buf_size = 1024 * 1024}).buf_size, 1024U * 1024U);
}

TEST(GetQuoteEx, UncertifiedAnswersThePlatformsReason) {
  expect_quote_refused(
      {}, 42, ErrorCode::kAttestationKeyNotInitialized,
      test::uncertified_snapshot({ErrorCode::kAttestationKeyNotInitialized, "not yet"}));
  expect_quote_refused({.key_id = std::nullopt}, 30, ErrorCode::kServiceUnavailable,
                       test::uncertified_snapshot({ErrorCode::kServiceUnavailable, "down"}));
  // Parameters that are wrong whatever the platform's state are named first.
  expect_quote_refused(
      {.report = bytes_of(1)}, 3, ErrorCode::kBadParameter,
      test::uncertified_snapshot({ErrorCode::kAttestationKeyNotInitialized, "not yet"}));
}

TEST(GetQuoteEx, AnUncertifiedPlatformWithoutAReasonIsUnavailable) {
  auto snapshot = test::certified_snapshot();
  snapshot.state = quoting::CertificationState::kUncertified;
  expect_quote_refused({}, 30, ErrorCode::kServiceUnavailable, snapshot);
}

std::string quote_hex() {
  std::string out;
  for (std::uint32_t i = 0; i < test::kFakeQuoteSize; ++i) out += "51";
  return out;
}

TEST(GetQuoteEx, SuccessCarriesTheQuote) {
  const QuoteJob job = job_for({});
  const Answer answer = conclude(job, test::fake_quote(job.request));
  EXPECT_EQ(answer.aesm_code(), 0U);
  // 0x23fd = 2 (error code) + 3 (tag, length) + 4600; 4600 is f8 23.
  EXPECT_EQ(body_of(answer), "8a01fd23080012f823" + quote_hex());
}

TEST(GetQuoteEx, QuoteIsPaddedWithZerosToTheBuffer) {
  const QuoteJob job = job_for({.buf_size = 8192});
  EXPECT_EQ(body_of(conclude(job, test::fake_quote(job.request))),
            "8a0185400800128040" + quote_hex() + zeros(8192 - test::kFakeQuoteSize));
}

TEST(GetQuoteEx, QeReportInfoComesBackFilled) {
  const QuoteJob job = job_for({.qe_report_info = bytes_of(960)});
  EXPECT_EQ(body_of(conclude(job, test::fake_quote(job.request))),
            "8a01c02b080012f823" + quote_hex() + "1ac007" + zeros(959) + "c3");
}

TEST(GetQuoteEx, QeReportInfoIsNotSentUnasked) {
  const QuoteJob job = job_for({});
  quoting::QuoteOutput output = test::fake_quote(job.request);
  output.qe_report_info = sgx::QeReportInfo();
  EXPECT_THAT(body_of(conclude(job, output)), StartsWith("8a01fd23"));
}

TEST(GetQuoteEx, SuccessWithoutTheQeReportIsAnInternalError) {
  const QuoteJob job = job_for({.qe_report_info = bytes_of(960)});
  quoting::QuoteOutput output = test::fake_quote(job.request);
  output.qe_report_info.reset();
  expect_refused(conclude(job, output), 1, ErrorCode::kInternal, "8a01020801");
}

TEST(GetQuoteEx, AQuoteThatOutgrewTheBufferIsRefused) {
  const QuoteJob job = job_for({});
  quoting::QuoteOutput output = test::fake_quote(job.request);
  output.quote.push_back(std::byte{0});
  expect_refused(conclude(job, output), 3, ErrorCode::kQuoteBufferTooSmall, "8a01020803");
}

TEST(GetQuoteEx, ThePlatformsFailureKeepsItsCode) {
  const QuoteJob job = job_for({});
  expect_refused(conclude(job, base::fail(ErrorCode::kQeInvalidReport, "the MAC differs")), 47,
                 ErrorCode::kQeInvalidReport, "8a0102082f");
  expect_refused(conclude(job, base::fail(ErrorCode::kPeerTimeout, "too slow")), 1,
                 ErrorCode::kPeerTimeout, "8a01020801");
}

// Legacy requests (3.7)

TEST(Legacy, EpidAndLaunchAreUnavailableInTheReferencesShape) {
  const Bytes some = bytes_of(4);
  aesm::GetQuoteRequest get_quote;
  get_quote.report = get_quote.spid = some;
  get_quote.quote_type = get_quote.buf_size = 0;
  aesm::GetLaunchTokenRequest token;
  token.mr_enclave = token.mr_signer = token.se_attributes = some;
  aesm::ReportAttestationErrorRequest report_error;
  report_error.platform_info = some;
  report_error.attestation_error_code = report_error.update_info_size = 0;
  aesm::CheckUpdateStatusRequest update;
  update.update_info_size = update.config = 0;
  aesm::RegisterRequest registration;
  registration.buf = some;
  registration.data_type = 0;

  const std::vector<std::pair<aesm::Request, std::string>> expected = {
      {aesm::InitQuoteRequest{}, "0a02081e"},
      {get_quote, "1202081e"},
      {token, "1a02081e"},
      {report_error, "2202081e"},
      {update, "920104081e1800"},
      {aesm::GetWhiteListSizeRequest{}, "5204081e1000"},
      {aesm::GetWhiteListRequest{}, "5a02081e"},
      {aesm::GetExtendedEpidGroupIdRequest{}, "6204081e1000"},
      {aesm::SwitchExtendedEpidGroupRequest{}, "6a02081e"},
      {registration, "7202081e"},
  };
  for (const auto& [request, body] : expected) {
    expect_refused(answer_to(request), 30, ErrorCode::kServiceUnavailable, body);
  }

  registration.data_type = 1;
  expect_refused(answer_to(registration), 3, ErrorCode::kBadParameter, "72020803");
}

TEST(Legacy, MissingFieldsComeFirst) {
  const std::vector<std::pair<aesm::Request, std::string>> expected = {
      {aesm::GetQuoteRequest{}, "12020801"},
      {aesm::GetLaunchTokenRequest{}, "1a020801"},
      {aesm::ReportAttestationErrorRequest{}, "22020801"},
      {aesm::CheckUpdateStatusRequest{}, "9201020801"},
      {aesm::RegisterRequest{}, "72020801"},
  };
  for (const auto& [request, body] : expected) {
    expect_refused(answer_to(request), 1, ErrorCode::kMissingField, body);
  }
}

}  // namespace
}  // namespace quoted::service
