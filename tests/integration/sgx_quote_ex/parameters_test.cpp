// Which parameters libsgx_quote_ex refuses by itself, and what it sends for the others
// (aesm-protocol 5.2). The bytes are written out here, none of them come from our encoder.
#include <gmock/gmock.h>

#include <cstring>
#include <limits>

#include "aesm/testing/hex_bytes.h"
#include "library_test.h"

namespace quoted::test {
namespace {

using aesm::test::hex_bytes;

constexpr std::size_t kUntouched = 7;

class Parameters : public LibraryTest {
 protected:
  // That the call was refused without a word to the service.
  void expect_refused(sgx_status_t status) const {
    EXPECT_EQ(status, SGX_ERROR_INVALID_PARAMETER);
    EXPECT_EQ(connections(), 0);
  }

  // The only request that was made.
  Bytes request() {
    const auto all = requests();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? Bytes() : all.front();
  }
};

Bytes operator+(Bytes left, const Bytes& right) {
  base::append(left, right);
  return left;
}

TEST_F(Parameters, SelectRefuses) {
  answer_with(bare_answer(Function::kSelect, 0));
  const std::uint8_t list[8]{};
  expect_refused(sgx_select_att_key_id(nullptr, 0, nullptr));
  expect_refused(sgx_select_att_key_id(list, 8, nullptr));
  expect_refused(sgx_select_att_key_id(nullptr, 1, &arguments_.key));
  expect_refused(sgx_select_att_key_id(nullptr, 0xFFFFFFFF, &arguments_.key));
  expect_refused(sgx_select_att_key_id(list, 0x80000000, &arguments_.key));
  expect_refused(sgx_select_att_key_id(list, 0xFFFFFFFF, &arguments_.key));
}

TEST_F(Parameters, SelectWithoutList) {
  answer_with(bare_answer(Function::kSelect, 0));
  EXPECT_EQ(sgx_select_att_key_id(nullptr, 0, &arguments_.key), SGX_SUCCESS);
  EXPECT_EQ(request(), hex_bytes("9a 01 03 10 98 75"));
}

TEST_F(Parameters, SelectWithEmptyList) {
  answer_with(bare_answer(Function::kSelect, 0));
  const std::uint8_t list[1]{};
  EXPECT_EQ(sgx_select_att_key_id(list, 0, &arguments_.key), SGX_SUCCESS);
  EXPECT_EQ(request(), hex_bytes("9a 01 03 10 98 75"));
}

TEST_F(Parameters, SelectWithList) {
  answer_with(bare_answer(Function::kSelect, 0));
  std::uint8_t list[264];
  std::memset(list, 0xC7, sizeof(list));
  EXPECT_EQ(sgx_select_att_key_id(list, sizeof(list), &arguments_.key), SGX_SUCCESS);
  EXPECT_EQ(request(),
            hex_bytes("9a 01 8e 02  0a 88 02") + filled(264, 0xC7) + hex_bytes("10 98 75"));
}

TEST_F(Parameters, SelectWithAListOfManyMegabytes) {
  answer_with(bare_answer(Function::kSelect, 3));
  const std::vector<std::uint8_t> list(std::size_t{8} * 1024 * 1024);
  EXPECT_EQ(
      sgx_select_att_key_id(list.data(), static_cast<std::uint32_t>(list.size()), &arguments_.key),
      SGX_ERROR_INVALID_PARAMETER);
  EXPECT_GT(request().size(), list.size());
}

TEST_F(Parameters, InitRefuses) {
  answer_with(bare_answer(Function::kInit, 0));
  auto& a = arguments_;
  std::size_t size = 32;
  expect_refused(sgx_init_quote_ex(nullptr, &a.target, &size, a.pub_key_id));
  expect_refused(sgx_init_quote_ex(&a.key, nullptr, &size, a.pub_key_id));
  expect_refused(sgx_init_quote_ex(&a.key, nullptr, &size, nullptr));
  expect_refused(sgx_init_quote_ex(&a.key, &a.target, nullptr, a.pub_key_id));
  expect_refused(sgx_init_quote_ex(&a.key, &a.target, nullptr, nullptr));
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{0xFFFFFFFF}, std::size_t{0x100000000},
                                  std::numeric_limits<std::size_t>::max()}) {
    size = wrong;
    expect_refused(sgx_init_quote_ex(&a.key, &a.target, &size, a.pub_key_id));
    EXPECT_EQ(size, wrong);
  }
}

TEST_F(Parameters, InitSendsTheLargestSizeItAccepts) {
  answer_with(bare_answer(Function::kInit, 3));
  std::size_t size = 0xFFFFFFFE;
  auto& a = arguments_;
  EXPECT_EQ(sgx_init_quote_ex(&a.key, &a.target, &size, a.pub_key_id), SGX_ERROR_INVALID_PARAMETER);
  EXPECT_EQ(request(), hex_bytes("7a 8e 02  0a 80 02") + filled(256, 0) +
                           hex_bytes("18 01  20 fe ff ff ff 0f  48 98 75"));
}

TEST_F(Parameters, FirstInitSendsWhateverTheSizeHolds) {
  answer_with(bare_answer(Function::kInit, 0));
  std::size_t garbage = 0x7ffd12345678;
  std::memset(&arguments_.key, 0xA5, sizeof(arguments_.key));
  EXPECT_EQ(sgx_init_quote_ex(&arguments_.key, &arguments_.target, &garbage, nullptr), SGX_SUCCESS);
  EXPECT_EQ(request(), hex_bytes("7a 90 02  0a 80 02") + filled(256, 0xA5) +
                           hex_bytes("18 00  20 f8 ac d1 91 d1 ff 1f  48 98 75"));
}

TEST_F(Parameters, FirstInitSendsTheGreatestGarbage) {
  answer_with(bare_answer(Function::kInit, 0));
  std::size_t garbage = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(sgx_init_quote_ex(&arguments_.key, &arguments_.target, &garbage, nullptr), SGX_SUCCESS);
  EXPECT_EQ(request(), hex_bytes("7a 93 02  0a 80 02") + filled(256, 0) +
                           hex_bytes("18 00  20 ff ff ff ff ff ff ff ff ff 01  48 98 75"));
}

TEST_F(Parameters, FirstInitSendsNoSizeWhenItIsZero) {
  answer_with(bare_answer(Function::kInit, 0));
  std::size_t size = 0;
  EXPECT_EQ(sgx_init_quote_ex(&arguments_.key, &arguments_.target, &size, nullptr), SGX_SUCCESS);
  EXPECT_EQ(request(),
            hex_bytes("7a 88 02  0a 80 02") + filled(256, 0) + hex_bytes("18 00  48 98 75"));
}

TEST_F(Parameters, SecondInit) {
  answer_with(bare_answer(Function::kInit, 0));
  EXPECT_EQ(call(Function::kInit, arguments_), SGX_SUCCESS);
  EXPECT_EQ(request(),
            hex_bytes("7a 8a 02  0a 80 02") + filled(256, 0) + hex_bytes("18 01  20 20  48 98 75"));
}

TEST_F(Parameters, QuoteSizeRefuses) {
  answer_with(bare_answer(Function::kSize, 0));
  expect_refused(sgx_get_quote_size_ex(&arguments_.key, nullptr));
  expect_refused(sgx_get_quote_size_ex(nullptr, nullptr));
}

TEST_F(Parameters, QuoteSizeLeavesAMissingKeyToTheService) {
  answer_with(bare_answer(Function::kSize, 3));
  std::uint32_t size = kUntouched;
  EXPECT_EQ(sgx_get_quote_size_ex(nullptr, &size), SGX_ERROR_INVALID_PARAMETER);
  EXPECT_EQ(request(), hex_bytes("82 01 03 48 98 75"));
  stop_serving();
  turn_retry_off();
  EXPECT_EQ(sgx_get_quote_size_ex(nullptr, &size), SGX_ERROR_SERVICE_UNAVAILABLE);
}

TEST_F(Parameters, QuoteSize) {
  answer_with(bare_answer(Function::kSize, 0));
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_SUCCESS);
  EXPECT_EQ(request(), hex_bytes("82 01 86 02  0a 80 02") + filled(256, 0) + hex_bytes("48 98 75"));
}

TEST_F(Parameters, QuoteRefuses) {
  answer_with(bare_answer(Function::kQuote, 0));
  auto& a = arguments_;
  std::uint8_t* const quote = a.quote.data();
  expect_refused(sgx_get_quote_ex(nullptr, &a.key, &a.info, quote, 4600));
  expect_refused(sgx_get_quote_ex(&a.report, nullptr, &a.info, quote, 4600));
  expect_refused(sgx_get_quote_ex(&a.report, &a.key, &a.info, nullptr, 4600));
  expect_refused(sgx_get_quote_ex(&a.report, &a.key, &a.info, quote, 0));
  expect_refused(sgx_get_quote_ex(&a.report, &a.key, nullptr, nullptr, 0));
}

TEST_F(Parameters, Quote) {
  answer_with(bare_answer(Function::kQuote, 0));
  auto& a = arguments_;
  std::memset(static_cast<void*>(&a.report), 0x5E, sizeof(a.report));
  EXPECT_EQ(sgx_get_quote_ex(&a.report, &a.key, nullptr, a.quote.data(), 4600), SGX_SUCCESS);
  EXPECT_EQ(request(), hex_bytes("8a 01 bc 05  0a b0 03") + filled(432, 0x5E) +
                           hex_bytes("12 80 02") + filled(256, 0) +
                           hex_bytes("20 f8 23  48 98 75"));
}

TEST_F(Parameters, QuoteWithQeReportInfo) {
  answer_with(bare_answer(Function::kQuote, 0));
  auto& a = arguments_;
  std::memset(static_cast<void*>(&a.info), 0x1F, sizeof(a.info));
  EXPECT_EQ(sgx_get_quote_ex(&a.report, &a.key, &a.info, a.quote.data(), 1), SGX_SUCCESS);
  EXPECT_EQ(request(), hex_bytes("8a 01 fe 0c  0a b0 03") + filled(432, 0) + hex_bytes("12 80 02") +
                           filled(256, 0) + hex_bytes("1a c0 07") + filled(960, 0x1F) +
                           hex_bytes("20 01  48 98 75"));
}

TEST_F(Parameters, QuoteSendsAnySizeOfTheBuffer) {
  answer_with(bare_answer(Function::kQuote, 3));
  auto& a = arguments_;
  EXPECT_EQ(sgx_get_quote_ex(&a.report, &a.key, nullptr, a.quote.data(), 0xFFFFFFFF),
            SGX_ERROR_INVALID_PARAMETER);
  EXPECT_EQ(request(), hex_bytes("8a 01 bf 05  0a b0 03") + filled(432, 0) + hex_bytes("12 80 02") +
                           filled(256, 0) + hex_bytes("20 ff ff ff ff 0f  48 98 75"));
}

TEST_F(Parameters, NumberOfIds) {
  answer_with(bare_answer(Function::kNum, 0));
  expect_refused(sgx_get_supported_att_key_id_num(nullptr));
  EXPECT_EQ(call(Function::kNum, arguments_), SGX_SUCCESS);
  EXPECT_EQ(request(), hex_bytes("aa 01 03 48 98 75"));
}

TEST_F(Parameters, IdsRefuse) {
  answer_with(bare_answer(Function::kIds, 0));
  expect_refused(sgx_get_supported_att_key_ids(nullptr, 1));
  expect_refused(sgx_get_supported_att_key_ids(nullptr, 0));
  expect_refused(sgx_get_supported_att_key_ids(arguments_.ids, 0));
  expect_refused(sgx_get_supported_att_key_ids(arguments_.ids, 0x01000000));
  expect_refused(sgx_get_supported_att_key_ids(arguments_.ids, 0xFFFFFFFF));
}

TEST_F(Parameters, Ids) {
  answer_with(bare_answer(Function::kIds, 0));
  EXPECT_EQ(sgx_get_supported_att_key_ids(arguments_.ids, 1), SGX_SUCCESS);
  EXPECT_EQ(request(), hex_bytes("b2 01 06 08 80 02 48 98 75"));
}

TEST_F(Parameters, IdsUpToTheLastNumberThatFits) {
  answer_with(bare_answer(Function::kIds, 3));
  EXPECT_EQ(sgx_get_supported_att_key_ids(arguments_.ids, 0x00FFFFFF), SGX_ERROR_INVALID_PARAMETER);
  EXPECT_EQ(request(), hex_bytes("b2 01 09 08 80 fe ff ff 0f 48 98 75"));
}

// Callers written for the original, which takes any pointer, may pass unaligned ones.
template <class Type>
Type* misaligned(std::vector<std::uint8_t>& memory) {
  memory.resize(sizeof(Type) + 1);
  void* const odd = memory.data() + 1;
  return static_cast<Type*>(odd);
}

TEST_F(Parameters, PointersNeedNotBeAligned) {
  std::vector<std::uint8_t> key;
  std::vector<std::uint8_t> target;
  std::vector<std::uint8_t> size;
  std::vector<std::uint8_t> report;
  std::vector<std::uint8_t> info;
  std::vector<std::uint8_t> number;
  auto* const odd_size = misaligned<std::size_t>(size);
  std::memcpy(size.data() + 1, "\x20\0\0\0\0\0\0\0", sizeof(std::size_t));

  const Bytes target_bytes = filled(512, 0x11);
  const Bytes id_bytes = filled(32, 0x22);
  answer_with(aesm::InitQuoteExResponse{
      .error_code = 0, .target_info = target_bytes, .pub_key_id_size = 32, .pub_key_id = id_bytes});
  EXPECT_EQ(
      sgx_init_quote_ex(misaligned<sgx_att_key_id_t>(key), misaligned<sgx_target_info_t>(target),
                        odd_size, arguments_.pub_key_id),
      SGX_SUCCESS);
  EXPECT_EQ(target[512], 0x11);

  answer_with(aesm::GetQuoteSizeExResponse{.error_code = 0, .quote_size = 0x01020304});
  auto* const odd_number = misaligned<std::uint32_t>(number);
  EXPECT_EQ(sgx_get_quote_size_ex(misaligned<sgx_att_key_id_t>(key), odd_number), SGX_SUCCESS);
  EXPECT_EQ(number, (std::vector<std::uint8_t>{0, 4, 3, 2, 1}));

  const Bytes info_bytes = filled(960, 0x33);
  const Bytes quote_bytes = filled(10, 0x44);
  answer_with(aesm::GetQuoteExResponse{
      .error_code = 0, .quote = quote_bytes, .qe_report_info = info_bytes});
  EXPECT_EQ(
      sgx_get_quote_ex(misaligned<sgx_report_t>(report), misaligned<sgx_att_key_id_t>(key),
                       misaligned<sgx_qe_report_info_t>(info), arguments_.quote.data() + 1, 10),
      SGX_SUCCESS);
  EXPECT_EQ(info[960], 0x33);
  EXPECT_EQ(arguments_.quote[10], 0x44);
}

TEST_F(Parameters, PointersToIdsNeedNotBeAligned) {
  std::vector<std::uint8_t> number;
  std::vector<std::uint8_t> key;
  std::vector<std::uint8_t> list(264 + 1, 0xC7);
  answer_with(aesm::GetSupportedAttKeyIdNumResponse{.error_code = 0, .att_key_id_num = 1});
  EXPECT_EQ(sgx_get_supported_att_key_id_num(misaligned<std::uint32_t>(number)), SGX_SUCCESS);
  EXPECT_EQ(number, (std::vector<std::uint8_t>{0, 1, 0, 0, 0}));

  const Bytes id = filled(256, 0x42);
  answer_with(aesm::GetSupportedAttKeyIdsResponse{.error_code = 0, .att_key_ids = id});
  EXPECT_EQ(sgx_get_supported_att_key_ids(misaligned<sgx_att_key_id_ext_t>(key), 1), SGX_SUCCESS);
  EXPECT_EQ(key[256], 0x42);

  answer_with(aesm::SelectAttKeyIdResponse{.error_code = 0, .selected_att_key_id = id});
  EXPECT_EQ(sgx_select_att_key_id(list.data() + 1, 264, misaligned<sgx_att_key_id_t>(key)),
            SGX_SUCCESS);
  EXPECT_EQ(key[256], 0x42);
}

}  // namespace
}  // namespace quoted::test
