// What libsgx_quote_ex makes of the service's answers: the status for every error code
// (aesm-protocol 4.4), and what is copied to the caller (5.2).
#include <gmock/gmock.h>

#include <array>
#include <cstring>
#include <map>

#include "library_test.h"

namespace quoted::test {
namespace {

using testing::Each;
using testing::ElementsAreArray;

// The table of the specification, row by row: sel, init, size, quote, ids. 1 is its "-".
using Row = std::array<int, 5>;
const std::map<std::uint32_t, Row>& status_table() {
  static const std::map<std::uint32_t, Row> table{
      {0, {0, 0, 0, 0, 0}},
      {2, {0x2006, 0x2006, 0x2006, 0x2006, 0x2006}},
      {3, {0x0002, 0x0002, 0x0002, 0x0002, 0x0002}},
      {4, {1, 0x4003, 1, 0x4003, 1}},
      {5, {1, 0x4005, 1, 0x4005, 1}},
      {12, {0x4007, 0x4007, 0x4007, 0x4007, 0x4007}},
      {13, {0x4007, 0x4007, 0x4007, 0x4007, 0x4007}},
      {14, {0x4007, 0x4007, 0x4007, 0x4007, 0x4007}},
      {17, {0x4001, 0x4001, 0x4001, 0x4001, 0x4001}},
      {18, {0x400a, 0x400a, 0x400a, 0x400a, 0x400a}},
      {19, {1, 0x400a, 1, 0x400a, 1}},
      {20, {0x4006, 0x4006, 0x4006, 0x4006, 0x4006}},
      {21, {0x0003, 0x0003, 0x0003, 0x0003, 0x0003}},
      {29, {1, 0x2005, 1, 0x2005, 1}},
      {30, {0x4001, 0x4001, 0x4001, 0x4001, 0x4001}},
      {31, {0x4012, 0x4012, 0x4012, 0x4012, 0x4012}},
      {38, {0x8001, 0x8001, 0x8001, 0x8001, 1}},
      {42, {1, 1, 0x8003, 0x8003, 1}},
      {44, {1, 0x8005, 1, 1, 1}},
      {45, {1, 1, 1, 0x3001, 1}},
      {46, {0x4001, 0x4001, 0x4001, 0x4001, 0x4001}},
      {47, {1, 1, 1, 0x3001, 1}},
      {48, {0x4001, 0x4001, 0x4001, 0x4001, 0x4001}},
      {50, {1, 0x8002, 1, 1, 1}},
  };
  return table;
}

int expected_status(Function function, std::uint32_t code) {
  const auto row = status_table().find(code);
  if (row == status_table().end()) return 1;
  const auto column = std::min(static_cast<std::size_t>(function), row->second.size() - 1);
  return row->second[column];
}

class Answers : public LibraryTest {
 protected:
  [[nodiscard]] sgx_status_t ask(Function function) { return call(function, arguments_); }

  // That the call ends as every nonsensical answer does.
  void expect_unexpected(Function function) { EXPECT_EQ(ask(function), SGX_ERROR_UNEXPECTED); }
};

TEST_F(Answers, EveryCodeBecomesItsStatusInEveryFunction) {
  std::vector<std::uint32_t> codes{0x7FFFFFFF, 0xFFFFFFFF, 0xE002, 256, 256 + 3};
  for (std::uint32_t code = 0; code <= 60; ++code) codes.push_back(code);
  for (const Function function : kFunctions) {
    std::atomic<std::uint32_t> code = 0;
    const ThreadedService service(socket_, [&](ServedConnection connection) {
      connection.read_request();
      connection.write(aesm::encode_response_frame(bare_answer(function, code)));
    });
    for (const std::uint32_t each : codes) {
      code = each;
      EXPECT_EQ(static_cast<int>(ask(function)), expected_status(function, each))
          << "function " << static_cast<int>(function) << ", code " << each;
    }
  }
}

TEST_F(Answers, AnswerWithoutErrorCodeIsUnexpected) {
  answer_with(aesm::GetQuoteSizeExResponse{.error_code = {}, .quote_size = 4600});
  expect_unexpected(Function::kSize);
}

TEST_F(Answers, SelectedIdIsCopiedAlsoFromARefusal) {
  const Bytes id = filled(256, 0x42);
  answer_with(aesm::SelectAttKeyIdResponse{.error_code = 38, .selected_att_key_id = id});
  EXPECT_EQ(ask(Function::kSelect), SGX_ERROR_UNSUPPORTED_ATT_KEY_ID);
  EXPECT_THAT(arguments_.key.att_key_id, Each(0x42));
}

TEST_F(Answers, ShortSelectedIdLeavesTheRest) {
  std::memset(&arguments_.key, 0xEE, sizeof(arguments_.key));
  const Bytes id = filled(158, 0x42);
  answer_with(aesm::SelectAttKeyIdResponse{.error_code = 0, .selected_att_key_id = id});
  EXPECT_EQ(ask(Function::kSelect), SGX_SUCCESS);
  EXPECT_EQ(arguments_.key.att_key_id[157], 0x42);
  EXPECT_EQ(arguments_.key.att_key_id[158], 0xEE);
}

TEST_F(Answers, OversizeSelectedIdIsUnexpected) {
  const Bytes id = filled(257, 0x42);
  answer_with(aesm::SelectAttKeyIdResponse{.error_code = 0, .selected_att_key_id = id});
  expect_unexpected(Function::kSelect);
  EXPECT_THAT(arguments_.key.att_key_id, Each(0));
}

TEST_F(Answers, FirstInitGivesTheSize) {
  const Bytes target = filled(512, 0);
  answer_with(aesm::InitQuoteExResponse{
      .error_code = 0, .target_info = target, .pub_key_id_size = 32, .pub_key_id = {}});
  std::memset(static_cast<void*>(&arguments_.target), 0xEE, sizeof(arguments_.target));
  std::size_t size = 0x7ffd12345678;
  EXPECT_EQ(sgx_init_quote_ex(&arguments_.key, &arguments_.target, &size, nullptr), SGX_SUCCESS);
  EXPECT_EQ(size, 32U);
  EXPECT_THAT(arguments_.target.mr_enclave.m, Each(0));
}

TEST_F(Answers, FirstInitIgnoresAKeyIdItDidNotAskFor) {
  const Bytes id = filled(32, 0x42);
  answer_with(aesm::InitQuoteExResponse{
      .error_code = 0, .target_info = {}, .pub_key_id_size = 32, .pub_key_id = id});
  std::size_t size = 0;
  EXPECT_EQ(sgx_init_quote_ex(&arguments_.key, &arguments_.target, &size, nullptr), SGX_SUCCESS);
  EXPECT_EQ(size, 32U);
}

TEST_F(Answers, SecondInitGivesAll) {
  const Bytes target = filled(512, 0x41);
  const Bytes id = filled(32, 0x42);
  answer_with(aesm::InitQuoteExResponse{
      .error_code = 0, .target_info = target, .pub_key_id_size = 32, .pub_key_id = id});
  EXPECT_EQ(ask(Function::kInit), SGX_SUCCESS);
  EXPECT_THAT(arguments_.target.mr_enclave.m, Each(0x41));
  EXPECT_THAT(arguments_.target.reserved3, Each(0x41));
  EXPECT_THAT(arguments_.pub_key_id, Each(0x42));
  EXPECT_EQ(arguments_.pub_key_id_size, 32U);
}

TEST_F(Answers, InitOverwritesTheSizeAlsoOnARefusal) {
  answer_with(aesm::InitQuoteExResponse{
      .error_code = 38, .target_info = {}, .pub_key_id_size = 0x123456789A, .pub_key_id = {}});
  EXPECT_EQ(ask(Function::kInit), SGX_ERROR_UNSUPPORTED_ATT_KEY_ID);
  EXPECT_EQ(arguments_.pub_key_id_size, 0x123456789AU);
}

TEST_F(Answers, InitLeavesTheSizeWhenTheAnswerHasNone) {
  const Bytes id = filled(32, 0x42);
  answer_with(aesm::InitQuoteExResponse{
      .error_code = 0, .target_info = {}, .pub_key_id_size = {}, .pub_key_id = id});
  EXPECT_EQ(ask(Function::kInit), SGX_SUCCESS);
  EXPECT_EQ(arguments_.pub_key_id_size, 32U);
  EXPECT_THAT(arguments_.pub_key_id, Each(0x42));
}

TEST_F(Answers, OversizeTargetInfoIsUnexpected) {
  const Bytes target = filled(513, 0x41);
  answer_with(aesm::InitQuoteExResponse{
      .error_code = 0, .target_info = target, .pub_key_id_size = 32, .pub_key_id = {}});
  expect_unexpected(Function::kInit);
  EXPECT_THAT(arguments_.target.mr_enclave.m, Each(0));
}

TEST_F(Answers, KeyIdOfAnotherSizeThanSaidIsUnexpected) {
  for (const std::uint64_t said : {std::uint64_t{31}, std::uint64_t{33}, std::uint64_t{0}}) {
    const Bytes id = filled(32, 0x42);
    answer_with(aesm::InitQuoteExResponse{
        .error_code = 0, .target_info = {}, .pub_key_id_size = said, .pub_key_id = id});
    arguments_.pub_key_id_size = 32;
    expect_unexpected(Function::kInit);
    EXPECT_THAT(arguments_.pub_key_id, Each(0));
  }
}

TEST_F(Answers, KeyIdBeyondTheCallersRoomIsUnexpected) {
  const Bytes id = filled(33, 0x42);
  answer_with(aesm::InitQuoteExResponse{
      .error_code = 0, .target_info = {}, .pub_key_id_size = 33, .pub_key_id = id});
  expect_unexpected(Function::kInit);
  EXPECT_THAT(arguments_.pub_key_id, Each(0));
}

TEST_F(Answers, QuoteSizeIsOverwrittenAlsoOnARefusal) {
  answer_with(aesm::GetQuoteSizeExResponse{.error_code = 42, .quote_size = 0});
  EXPECT_EQ(ask(Function::kSize), SGX_ERROR_ATT_KEY_UNINITIALIZED);
  EXPECT_EQ(arguments_.number, 0U);
}

TEST_F(Answers, QuoteIsCopiedAndItsTailLeftAlone) {
  const Bytes quote = filled(4599, 0x42);
  const Bytes info = filled(960, 0x43);
  answer_with(aesm::GetQuoteExResponse{.error_code = 0, .quote = quote, .qe_report_info = info});
  arguments_.quote.back() = 0xEE;
  EXPECT_EQ(ask(Function::kQuote), SGX_SUCCESS);
  EXPECT_EQ(arguments_.quote[4598], 0x42);
  EXPECT_EQ(arguments_.quote[4599], 0xEE);
  EXPECT_THAT(arguments_.info.nonce.rand, Each(0x43));
  EXPECT_THAT(arguments_.info.qe_report.mac, Each(0x43));
}

TEST_F(Answers, OversizeQuoteIsUnexpected) {
  const Bytes quote = filled(4601, 0x42);
  answer_with(aesm::GetQuoteExResponse{.error_code = 0, .quote = quote, .qe_report_info = {}});
  expect_unexpected(Function::kQuote);
  EXPECT_THAT(arguments_.quote, Each(0));
}

TEST_F(Answers, OversizeQeReportInfoIsUnexpected) {
  const Bytes info = filled(961, 0x43);
  answer_with(aesm::GetQuoteExResponse{.error_code = 0, .quote = {}, .qe_report_info = info});
  expect_unexpected(Function::kQuote);
  EXPECT_THAT(arguments_.info.nonce.rand, Each(0));
}

// The reference pads the quote to the size of the caller's buffer, however large that is.
TEST_F(Answers, QuoteOfManyMegabytesArrivesWhenThereIsRoomForIt) {
  arguments_.quote.assign(std::size_t{5} * 1024 * 1024, 0);
  const Bytes quote = filled(arguments_.quote.size(), 0x42);
  answer_with(aesm::GetQuoteExResponse{.error_code = 0, .quote = quote, .qe_report_info = {}});
  EXPECT_EQ(ask(Function::kQuote), SGX_SUCCESS);
  EXPECT_EQ(arguments_.quote.back(), 0x42);
}

TEST_F(Answers, NumberOfIdsIsOverwrittenAlsoOnARefusal) {
  answer_with(aesm::GetSupportedAttKeyIdNumResponse{.error_code = 30, .att_key_id_num = 0});
  EXPECT_EQ(ask(Function::kNum), SGX_ERROR_SERVICE_UNAVAILABLE);
  EXPECT_EQ(arguments_.number, 0U);
}

TEST_F(Answers, IdsAreCopied) {
  const Bytes ids = filled(512, 0x42);
  answer_with(aesm::GetSupportedAttKeyIdsResponse{.error_code = 0, .att_key_ids = ids});
  EXPECT_EQ(ask(Function::kIds), SGX_SUCCESS);
  EXPECT_EQ(arguments_.ids[0].base.id, 0x4242);
  EXPECT_THAT(arguments_.ids[1].reserved, Each(0x42));
}

TEST_F(Answers, MoreIdsThanAskedForAreUnexpected) {
  const Bytes ids = filled(513, 0x42);
  answer_with(aesm::GetSupportedAttKeyIdsResponse{.error_code = 0, .att_key_ids = ids});
  expect_unexpected(Function::kIds);
  EXPECT_THAT(arguments_.ids[0].spid, Each(0));
}

TEST_F(Answers, AnswerToAnotherRequestIsUnexpected) {
  const Bytes quote = filled(10, 0x42);
  const Bytes other = aesm::encode_response_frame(
      aesm::GetQuoteExResponse{.error_code = 0, .quote = quote, .qe_report_info = {}});
  answer_with_bytes(other);
  for (const Function function : kFunctions) {
    if (function != Function::kQuote) expect_unexpected(function);
  }
}

TEST_F(Answers, GarbageIsUnexpected) {
  for (const std::string_view garbage :
       {std::string_view("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 11),
        std::string_view("HTTP/1.1 400 Bad Request\r\n\r\n"),
        std::string_view("\x7a\x05\x08\x00", 4), std::string_view("\x0b", 1),
        std::string_view("", 0)}) {
    Bytes frame(4);
    frame[0] = static_cast<std::byte>(garbage.size());
    base::append(frame, base::as_bytes(garbage));
    answer_with_bytes(frame);
    for (const Function function : kFunctions) expect_unexpected(function);
  }
}

}  // namespace
}  // namespace quoted::test
