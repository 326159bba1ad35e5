// The schema of the AESM protocol (aesm-protocol 2.1, 2.2), each field listed once: encoding,
// decoding and the check for required fields all follow these lists. For codec.cpp, and for those
// who show or compare whatever fields there are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "aesm/messages.h"

namespace quoted::aesm::schema {

struct KindEntry {
  MessageKind kind;
  std::string_view name;
};

// In the order of the alternatives of Request and Response.
inline constexpr auto kKinds = std::to_array<KindEntry>({
    {MessageKind::kInitQuote, "InitQuote"},
    {MessageKind::kGetQuote, "GetQuote"},
    {MessageKind::kGetLaunchToken, "GetLaunchToken"},
    {MessageKind::kReportAttestationError, "ReportAttestationError"},
    {MessageKind::kGetWhiteListSize, "GetWhiteListSize"},
    {MessageKind::kGetWhiteList, "GetWhiteList"},
    {MessageKind::kGetExtendedEpidGroupId, "SGXGetExtendedEpidGroupId"},
    {MessageKind::kSwitchExtendedEpidGroup, "SGXSwitchExtendedEpidGroup"},
    {MessageKind::kRegister, "SGXRegister"},
    {MessageKind::kInitQuoteEx, "InitQuoteEx"},
    {MessageKind::kGetQuoteSizeEx, "GetQuoteSizeEx"},
    {MessageKind::kGetQuoteEx, "GetQuoteEx"},
    {MessageKind::kCheckUpdateStatus, "CheckUpdateStatus"},
    {MessageKind::kSelectAttKeyId, "SelectAttKeyID"},
    {MessageKind::kGetSupportedAttKeyIdNum, "GetSupportedAttKeyIDNum"},
    {MessageKind::kGetSupportedAttKeyIds, "GetSupportedAttKeyIDs"},
});
static_assert(kKinds.size() == std::variant_size_v<Request>);
static_assert(kKinds.size() == std::variant_size_v<Response>);

// Which one is executed when a message holds several (aesm-protocol 1.4).
inline constexpr auto kRequestPriority = std::to_array<MessageKind>({
    MessageKind::kGetLaunchToken,
    MessageKind::kInitQuote,
    MessageKind::kGetQuote,
    MessageKind::kReportAttestationError,
    MessageKind::kCheckUpdateStatus,
    MessageKind::kGetWhiteListSize,
    MessageKind::kGetWhiteList,
    MessageKind::kGetExtendedEpidGroupId,
    MessageKind::kSwitchExtendedEpidGroup,
    MessageKind::kRegister,
    MessageKind::kInitQuoteEx,
    MessageKind::kGetQuoteSizeEx,
    MessageKind::kGetQuoteEx,
    MessageKind::kSelectAttKeyId,
    MessageKind::kGetSupportedAttKeyIdNum,
    MessageKind::kGetSupportedAttKeyIds,
});
static_assert(kRequestPriority.size() == kKinds.size());

template <class Message, class Value>
struct Field {
  std::uint32_t number;
  std::string_view name;
  bool is_required;
  std::optional<Value> Message::* member;
};

template <class Message, class Value>
constexpr Field<Message, Value> required(std::uint32_t number, std::string_view name,
                                         std::optional<Value> Message::* member) {
  return {number, name, true, member};
}

template <class Message, class Value>
constexpr Field<Message, Value> optional(std::uint32_t number, std::string_view name,
                                         std::optional<Value> Message::* member) {
  return {number, name, false, member};
}

template <class Message>
using Of = std::type_identity<Message>;

// Fields stand in the order of their numbers, which is the order protobuf writes them in.

constexpr auto fields(Of<InitQuoteRequest>) {
  using M = InitQuoteRequest;
  return std::tuple{optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<GetQuoteRequest>) {
  using M = GetQuoteRequest;
  return std::tuple{
      required(1, "report", &M::report),       required(2, "quote_type", &M::quote_type),
      required(3, "spid", &M::spid),           optional(4, "nonce", &M::nonce),
      optional(5, "sig_rl", &M::sig_rl),       required(6, "buf_size", &M::buf_size),
      optional(7, "qe_report", &M::qe_report), optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<GetLaunchTokenRequest>) {
  using M = GetLaunchTokenRequest;
  return std::tuple{
      required(1, "mr_enclave", &M::mr_enclave), required(2, "mr_signer", &M::mr_signer),
      required(3, "se_attributes", &M::se_attributes), optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<ReportAttestationErrorRequest>) {
  using M = ReportAttestationErrorRequest;
  return std::tuple{required(1, "platform_info", &M::platform_info),
                    required(2, "attestation_error_code", &M::attestation_error_code),
                    required(3, "update_info_size", &M::update_info_size),
                    optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<GetWhiteListSizeRequest>) {
  using M = GetWhiteListSizeRequest;
  return std::tuple{optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<GetWhiteListRequest>) {
  using M = GetWhiteListRequest;
  return std::tuple{optional(1, "white_list_size", &M::white_list_size),
                    optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<GetExtendedEpidGroupIdRequest>) {
  using M = GetExtendedEpidGroupIdRequest;
  return std::tuple{optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<SwitchExtendedEpidGroupRequest>) {
  using M = SwitchExtendedEpidGroupRequest;
  return std::tuple{optional(1, "x_group_id", &M::x_group_id), optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<RegisterRequest>) {
  using M = RegisterRequest;
  return std::tuple{required(1, "buf", &M::buf), required(2, "data_type", &M::data_type),
                    optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<InitQuoteExRequest>) {
  using M = InitQuoteExRequest;
  return std::tuple{optional(1, "att_key_id", &M::att_key_id),
                    required(3, "b_pub_key_id", &M::b_pub_key_id),
                    optional(4, "buf_size", &M::buf_size), optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<GetQuoteSizeExRequest>) {
  using M = GetQuoteSizeExRequest;
  return std::tuple{optional(1, "att_key_id", &M::att_key_id), optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<GetQuoteExRequest>) {
  using M = GetQuoteExRequest;
  return std::tuple{required(1, "report", &M::report), optional(2, "att_key_id", &M::att_key_id),
                    optional(3, "qe_report_info", &M::qe_report_info),
                    required(4, "buf_size", &M::buf_size), optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<CheckUpdateStatusRequest>) {
  using M = CheckUpdateStatusRequest;
  return std::tuple{optional(1, "platform_info", &M::platform_info),
                    required(2, "update_info_size", &M::update_info_size),
                    required(3, "config", &M::config), optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<SelectAttKeyIdRequest>) {
  using M = SelectAttKeyIdRequest;
  return std::tuple{optional(1, "att_key_id_list", &M::att_key_id_list),
                    optional(2, "timeout", &M::timeout)};
}
constexpr auto fields(Of<GetSupportedAttKeyIdNumRequest>) {
  using M = GetSupportedAttKeyIdNumRequest;
  return std::tuple{optional(9, "timeout", &M::timeout)};
}
constexpr auto fields(Of<GetSupportedAttKeyIdsRequest>) {
  using M = GetSupportedAttKeyIdsRequest;
  return std::tuple{required(1, "buf_size", &M::buf_size), optional(9, "timeout", &M::timeout)};
}

// A response is its errorCode and then these.
template <class Message, class... Fields>
constexpr auto response(Of<Message>, Fields... more) {
  return std::tuple{required(1, "errorCode", &Message::error_code), more...};
}

constexpr auto fields(Of<InitQuoteResponse> of) {
  using M = InitQuoteResponse;
  return response(of, optional(2, "targetInfo", &M::target_info), optional(3, "gid", &M::gid));
}
constexpr auto fields(Of<GetQuoteResponse> of) {
  using M = GetQuoteResponse;
  return response(of, optional(2, "quote", &M::quote), optional(3, "qe_report", &M::qe_report));
}
constexpr auto fields(Of<GetLaunchTokenResponse> of) {
  return response(of, optional(2, "token", &GetLaunchTokenResponse::token));
}
constexpr auto fields(Of<ReportAttestationErrorResponse> of) {
  using M = ReportAttestationErrorResponse;
  return response(of, optional(2, "platform_update_info", &M::platform_update_info));
}
constexpr auto fields(Of<GetWhiteListSizeResponse> of) {
  return response(of, optional(2, "white_list_size", &GetWhiteListSizeResponse::white_list_size));
}
constexpr auto fields(Of<GetWhiteListResponse> of) {
  return response(of, optional(2, "white_list", &GetWhiteListResponse::white_list));
}
constexpr auto fields(Of<GetExtendedEpidGroupIdResponse> of) {
  return response(of, optional(2, "x_group_id", &GetExtendedEpidGroupIdResponse::x_group_id));
}
constexpr auto fields(Of<SwitchExtendedEpidGroupResponse> of) { return response(of); }
constexpr auto fields(Of<RegisterResponse> of) { return response(of); }
constexpr auto fields(Of<InitQuoteExResponse> of) {
  using M = InitQuoteExResponse;
  return response(of, optional(2, "target_info", &M::target_info),
                  optional(3, "pub_key_id_size", &M::pub_key_id_size),
                  optional(4, "pub_key_id", &M::pub_key_id));
}
constexpr auto fields(Of<GetQuoteSizeExResponse> of) {
  return response(of, optional(2, "quote_size", &GetQuoteSizeExResponse::quote_size));
}
constexpr auto fields(Of<GetQuoteExResponse> of) {
  using M = GetQuoteExResponse;
  return response(of, optional(2, "quote", &M::quote),
                  optional(3, "qe_report_info", &M::qe_report_info));
}
constexpr auto fields(Of<CheckUpdateStatusResponse> of) {
  using M = CheckUpdateStatusResponse;
  return response(of, optional(2, "platform_update_info", &M::platform_update_info),
                  optional(3, "status", &M::status));
}
constexpr auto fields(Of<SelectAttKeyIdResponse> of) {
  using M = SelectAttKeyIdResponse;
  return response(of, optional(2, "selected_att_key_id", &M::selected_att_key_id));
}
constexpr auto fields(Of<GetSupportedAttKeyIdNumResponse> of) {
  using M = GetSupportedAttKeyIdNumResponse;
  return response(of, optional(2, "att_key_id_num", &M::att_key_id_num));
}
constexpr auto fields(Of<GetSupportedAttKeyIdsResponse> of) {
  return response(of, optional(2, "att_key_ids", &GetSupportedAttKeyIdsResponse::att_key_ids));
}

// Calls `visit(field)` for every field of the message's type, in order.
template <class Message, class Visitor>
constexpr void for_each_field(const Message& /*message*/, Visitor&& visit) {
  std::apply([&](const auto&... each) { (visit(each), ...); }, fields(Of<Message>{}));
}

}  // namespace quoted::aesm::schema
