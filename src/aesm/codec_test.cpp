#include "aesm/codec.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "aesm/framing.h"
#include "aesm/testing/hex_bytes.h"
#include "aesm/testing/samples.h"

namespace quoted::aesm {
namespace {

using base::ErrorCode;
using base::to_hex;
using test::hex_bytes;

Bytes serialized(const google::protobuf::Message& message) {
  return base::to_bytes(base::as_bytes(message.SerializePartialAsString()));
}

// A frame is the length of the body and the body.
void expect_frame(const Bytes& frame, const Bytes& body) {
  ASSERT_GE(frame.size(), kFramePrefixSize);
  const ByteView view(frame);
  EXPECT_EQ(decode_frame_prefix(view.first<kFramePrefixSize>(), body.size()), body.size());
  EXPECT_EQ(base::to_bytes(view.subspan(kFramePrefixSize)), body);
}

// --- The byte vectors of the specification.

struct RequestVector {
  std::string_view name;
  Request message;
  std::string_view body;
};

class RequestVectors : public testing::TestWithParam<RequestVector> {};

TEST_P(RequestVectors, EncodeAndDecode) {
  const RequestVector& vector = GetParam();
  const Bytes body = hex_bytes(vector.body);
  EXPECT_EQ(to_hex(encode_request(vector.message)), to_hex(body));
  expect_frame(encode_request_frame(vector.message), body);
  const auto decoded = decode_request(body);
  ASSERT_TRUE(decoded) << decoded.error().summary();
  EXPECT_EQ(kind_of(*decoded), kind_of(vector.message));
  EXPECT_EQ(to_hex(encode_request(*decoded)), to_hex(body));
}

// aesm-protocol 2.3
INSTANTIATE_TEST_SUITE_P(
    Specification, RequestVectors,
    testing::Values(
        RequestVector{"NumKeyIds", GetSupportedAttKeyIdNumRequest{.timeout = 15000},
                      "aa 01 03 48 98 75"},
        RequestVector{"KeyIds", GetSupportedAttKeyIdsRequest{.buf_size = 256, .timeout = 15000},
                      "b2 01 06 08 80 02 48 98 75"},
        RequestVector{"Select", SelectAttKeyIdRequest{.att_key_id_list = {}, .timeout = 15000},
                      "9a 01 03 10 98 75"},
        RequestVector{"LegacyInit", InitQuoteRequest{.timeout = 15000}, "0a 03 48 98 75"}),
    [](const auto& instance) { return std::string(instance.param.name); });

struct ResponseVector {
  std::string_view name;
  Response message;
  std::string_view body;
};

class ResponseVectors : public testing::TestWithParam<ResponseVector> {};

TEST_P(ResponseVectors, EncodeAndDecode) {
  const ResponseVector& vector = GetParam();
  const Bytes body = hex_bytes(vector.body);
  EXPECT_EQ(to_hex(encode_response(vector.message)), to_hex(body));
  expect_frame(encode_response_frame(vector.message), body);
  const auto decoded = decode_response(body);
  ASSERT_TRUE(decoded) << decoded.error().summary();
  EXPECT_EQ(kind_of(*decoded), kind_of(vector.message));
  EXPECT_EQ(to_hex(encode_response(*decoded)), to_hex(body));
}

// aesm-protocol 2.3
INSTANTIATE_TEST_SUITE_P(
    Specification, ResponseVectors,
    testing::Values(
        ResponseVector{"NumKeyIds",
                       GetSupportedAttKeyIdNumResponse{.error_code = 0, .att_key_id_num = 1},
                       "aa 01 04 08 00 10 01"},
        ResponseVector{"SelectRefused",
                       SelectAttKeyIdResponse{.error_code = 38, .selected_att_key_id = {}},
                       "9a 01 02 08 26"},
        ResponseVector{
            "InitRefused",
            InitQuoteExResponse{
                .error_code = 38, .target_info = {}, .pub_key_id_size = 32, .pub_key_id = {}},
            "7a 04 08 26 18 20"},
        ResponseVector{
            "InitWithoutTargetInfo",
            InitQuoteExResponse{
                .error_code = 0, .target_info = {}, .pub_key_id_size = 32, .pub_key_id = {}},
            "7a 04 08 00 18 20"},
        ResponseVector{"QuoteSize", GetQuoteSizeExResponse{.error_code = 0, .quote_size = 4600},
                       "82 01 05 08 00 10 f8 23"},
        ResponseVector{"QuoteSizeRefused",
                       GetQuoteSizeExResponse{.error_code = 42, .quote_size = 0},
                       "82 01 04 08 2a 10 00"},
        ResponseVector{"QuoteRefused",
                       GetQuoteExResponse{.error_code = 42, .quote = {}, .qe_report_info = {}},
                       "8a 01 02 08 2a"}),
    [](const auto& instance) { return std::string(instance.param.name); });

// aesm-protocol 3.7
INSTANTIATE_TEST_SUITE_P(
    LegacyRefusals, ResponseVectors,
    testing::Values(
        ResponseVector{"InitQuote",
                       InitQuoteResponse{.error_code = 30, .target_info = {}, .gid = {}},
                       "0a 02 08 1e"},
        ResponseVector{"GetQuote", GetQuoteResponse{.error_code = 30, .quote = {}, .qe_report = {}},
                       "12 02 08 1e"},
        ResponseVector{"GetLaunchToken", GetLaunchTokenResponse{.error_code = 30, .token = {}},
                       "1a 02 08 1e"},
        ResponseVector{"ReportAttestationError",
                       ReportAttestationErrorResponse{.error_code = 30, .platform_update_info = {}},
                       "22 02 08 1e"},
        ResponseVector{
            "CheckUpdateStatus",
            CheckUpdateStatusResponse{.error_code = 30, .platform_update_info = {}, .status = 0},
            "92 01 04 08 1e 18 00"},
        ResponseVector{"GetWhiteListSize",
                       GetWhiteListSizeResponse{.error_code = 30, .white_list_size = 0},
                       "52 04 08 1e 10 00"},
        ResponseVector{"GetWhiteList", GetWhiteListResponse{.error_code = 30, .white_list = {}},
                       "5a 02 08 1e"},
        ResponseVector{"GetExtendedEpidGroupId",
                       GetExtendedEpidGroupIdResponse{.error_code = 30, .x_group_id = 0},
                       "62 04 08 1e 10 00"},
        ResponseVector{"SwitchExtendedEpidGroup", SwitchExtendedEpidGroupResponse{.error_code = 30},
                       "6a 02 08 1e"},
        ResponseVector{"Register", RegisterResponse{.error_code = 30}, "72 02 08 1e"},
        ResponseVector{"RegisterOtherType", RegisterResponse{.error_code = 3}, "72 02 08 03"}),
    [](const auto& instance) { return std::string(instance.param.name); });

// --- Every message, against protobuf.

class RequestSamples : public testing::TestWithParam<test::RequestSample> {};

TEST_P(RequestSamples, EncodesAsProtobufDoesAndDecodesBack) {
  const test::RequestSample& sample = GetParam();
  const Bytes body = serialized(sample.theirs);
  EXPECT_EQ(to_hex(encode_request(sample.ours)), to_hex(body));
  expect_frame(encode_request_frame(sample.ours), body);
  const auto decoded = decode_request(body);
  ASSERT_TRUE(decoded) << decoded.error().summary();
  EXPECT_EQ(kind_of(*decoded), sample.kind);
  EXPECT_EQ(kind_of(sample.ours), sample.kind);
  EXPECT_EQ(encode_request(*decoded), body);
  EXPECT_EQ(missing_required_field(*decoded), "");
}

TEST_P(RequestSamples, MissingRequiredFieldIsNamed) {
  ::aesm::message::Request whole = GetParam().theirs;
  std::vector<const google::protobuf::FieldDescriptor*> present;
  whole.GetReflection()->ListFields(whole, &present);
  ASSERT_EQ(present.size(), 1U);
  const google::protobuf::Descriptor& type = *present.front()->message_type();

  for (int i = 0; i < type.field_count(); ++i) {
    ::aesm::message::Request reduced = whole;
    auto* inner = reduced.GetReflection()->MutableMessage(&reduced, present.front());
    inner->GetReflection()->ClearField(inner, type.field(i));
    const Bytes body = serialized(reduced);
    const auto decoded = decode_request(body);
    ASSERT_TRUE(decoded) << decoded.error().summary();
    EXPECT_EQ(missing_required_field(*decoded),
              type.field(i)->is_required() ? type.field(i)->name() : "");
  }
}

TEST_P(RequestSamples, FirstMissingFieldOfAnEmptyRequestIsNamed) {
  ::aesm::message::Request empty = GetParam().theirs;
  std::vector<const google::protobuf::FieldDescriptor*> present;
  empty.GetReflection()->ListFields(empty, &present);
  auto* inner = empty.GetReflection()->MutableMessage(&empty, present.front());
  inner->Clear();
  std::vector<std::string> missing;
  inner->FindInitializationErrors(&missing);
  const Bytes body = serialized(empty);
  const auto decoded = decode_request(body);
  ASSERT_TRUE(decoded) << decoded.error().summary();
  EXPECT_EQ(missing_required_field(*decoded), missing.empty() ? "" : missing.front());
}

INSTANTIATE_TEST_SUITE_P(AllKinds, RequestSamples, testing::ValuesIn(test::request_samples()),
                         [](const auto& instance) { return instance.param.name; });

class ResponseSamples : public testing::TestWithParam<test::ResponseSample> {};

TEST_P(ResponseSamples, EncodesAsProtobufDoesAndDecodesBack) {
  const test::ResponseSample& sample = GetParam();
  const Bytes body = serialized(sample.theirs);
  EXPECT_EQ(to_hex(encode_response(sample.ours)), to_hex(body));
  expect_frame(encode_response_frame(sample.ours), body);
  const auto decoded = decode_response(body);
  ASSERT_TRUE(decoded) << decoded.error().summary();
  EXPECT_EQ(kind_of(*decoded), sample.kind);
  EXPECT_EQ(kind_of(sample.ours), sample.kind);
  EXPECT_EQ(encode_response(*decoded), body);
}

INSTANTIATE_TEST_SUITE_P(AllKinds, ResponseSamples, testing::ValuesIn(test::response_samples()),
                         [](const auto& instance) { return instance.param.name; });

TEST(Codec, SamplesCoverEveryKindTwice) {
  EXPECT_EQ(test::request_samples().size(), 2 * std::variant_size_v<Request>);
  EXPECT_EQ(test::response_samples().size(), 2 * std::variant_size_v<Response>);
}

TEST(Codec, KindsHaveTheirNames) {
  EXPECT_EQ(name_of(MessageKind::kGetQuoteEx), "GetQuoteEx");
  EXPECT_EQ(name_of(MessageKind::kGetSupportedAttKeyIds), "GetSupportedAttKeyIDs");
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): a number without a request.
  EXPECT_EQ(name_of(MessageKind{20}), "unknown");
}

// --- Rules that no sample shows.

TEST(Codec, BytesAreViewsIntoTheBody) {
  const Bytes body = encode_request(
      GetQuoteSizeExRequest{.att_key_id = base::as_bytes("an attestation key id"), .timeout = {}});
  const auto decoded = decode_request(body);
  ASSERT_TRUE(decoded);
  const ByteView view = std::get<GetQuoteSizeExRequest>(*decoded).att_key_id.value_or(ByteView());
  EXPECT_EQ(view.data() + view.size(), body.data() + body.size());
}

TEST(Codec, IntegersAreTruncatedAsProtobufDoes) {
  // timeout = 2^32 + 5
  const Bytes wide = hex_bytes("aa010648 8580808010");
  EXPECT_EQ(std::get<GetSupportedAttKeyIdNumRequest>(decode_request(wide).value()).timeout, 5U);
  // buf_size = 2^64 - 1, as uint64
  const Bytes widest = hex_bytes("7a0b20 ffffffffffffffffff01");
  EXPECT_EQ(std::get<InitQuoteExRequest>(decode_request(widest).value()).buf_size, ~0ULL);
}

TEST(Codec, AnyNonZeroVarintIsTrue) {
  const auto b_pub_key_id = [](std::string_view inner) {
    const Bytes body = hex_bytes(inner);
    return std::get<InitQuoteExRequest>(decode_request(body).value()).b_pub_key_id;
  };
  EXPECT_EQ(b_pub_key_id("7a021800"), false);
  EXPECT_EQ(b_pub_key_id("7a021802"), true);
  EXPECT_EQ(b_pub_key_id("7a06188080808010"), true) << "2^32 has low bytes of zero";
  EXPECT_EQ(b_pub_key_id("7a03188000"), false) << "zero in two bytes";
}

TEST(Codec, LaterValuesReplaceEarlierOnesAcrossRepetitions) {
  // buf_size 1, then the message again with buf_size 2 and an id, then with another id.
  const Bytes body = hex_bytes("7a0418002001 7a050a01aa2002 7a030a01bb");
  const auto decoded = decode_request(body);
  ASSERT_TRUE(decoded);
  const auto& request = std::get<InitQuoteExRequest>(*decoded);
  EXPECT_EQ(request.b_pub_key_id, false);
  EXPECT_EQ(request.buf_size, 2U);
  EXPECT_EQ(to_hex(request.att_key_id.value_or(ByteView())), "bb");
}

// aesm-protocol 1.4, by number.
constexpr auto kPriority =
    std::to_array<std::uint32_t>({3, 1, 2, 4, 18, 10, 11, 12, 13, 14, 15, 16, 17, 19, 21, 22});

TEST(Codec, OfSeveralRequestsTheFirstInPriorityIsTaken) {
  for (std::size_t first = 0; first < kPriority.size(); ++first) {
    for (std::size_t second = first + 1; second < kPriority.size(); ++second) {
      Bytes either_order[2];
      for (const test::RequestSample& sample : test::request_samples()) {
        const auto number = static_cast<std::uint32_t>(sample.kind);
        const Bytes body = encode_request(sample.ours);
        if (number == kPriority[first]) {
          base::append(either_order[0], body);
          either_order[1].insert(either_order[1].begin(), body.begin(), body.end());
        } else if (number == kPriority[second]) {
          either_order[1].insert(either_order[1].begin(), body.begin(), body.end());
          base::append(either_order[0], body);
        }
      }
      for (const Bytes& body : either_order) {
        const auto decoded = decode_request(body);
        ASSERT_TRUE(decoded) << decoded.error().summary();
        EXPECT_EQ(static_cast<std::uint32_t>(kind_of(*decoded)), kPriority[first])
            << "with " << kPriority[second];
      }
    }
  }
}

TEST(Codec, OfSeveralResponsesTheLowestNumberIsTaken) {
  const Bytes body = hex_bytes("9a01020826 7a0408261820");
  EXPECT_EQ(kind_of(decode_response(body).value()), MessageKind::kInitQuoteEx);
}

TEST(Codec, DamageInARequestThatIsNotChosenIsNotSeen) {
  // A select whose content is no protobuf, after a legacy init.
  const Bytes body = hex_bytes("0a00 9a0101ff");
  EXPECT_EQ(kind_of(decode_request(body).value()), MessageKind::kInitQuote);
}

struct Refused {
  std::string_view body;
  std::string_view why;
};

TEST(Codec, MessagesWithoutAKnownRequestAreRefused) {
  for (const auto& [body, why] :
       {Refused{"", "empty"}, Refused{"2a00", "field 5, retired"},
        Refused{"a201020801", "field 20, responses only"}, Refused{"0801", "field 1 as a varint"},
        Refused{"0d00000000", "field 1 as fixed32"},
        Refused{"090000000000000000", "field 1 as fixed64"}}) {
    const Bytes bytes = hex_bytes(body);
    const auto decoded = decode_request(bytes);
    ASSERT_FALSE(decoded) << why;
    EXPECT_EQ(decoded.error().code(), ErrorCode::kUnknownRequest) << why;
  }
  const Bytes retired = hex_bytes("2a00");
  EXPECT_EQ(decode_request(retired).error().message(),
            "the message of 2 bytes holds none of the 16 known requests, but field 5 first");
  EXPECT_EQ(decode_request({}).error().message(),
            "the message of 0 bytes holds none of the 16 known requests, but no field at all");
}

TEST(Codec, MessagesWithoutAKnownResponseAreUnexpected) {
  const Bytes unsupported = hex_bytes("a201020801");
  EXPECT_EQ(decode_response(unsupported).error().code(), ErrorCode::kUnexpectedResponse);
}

}  // namespace
}  // namespace quoted::aesm
