// The sixteen requests and responses of the AESM socket protocol as plain structures
// (aesm-protocol 2.1, 2.2). Fields the schema calls required are optional here, because a peer
// may leave them out; `missing_required_field` in codec.h tells.
//
// Byte fields of decoded messages are views into the frame they were decoded from and live as
// long as it does; nothing is copied and nothing is allocated for them.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/bytes.h"

namespace quoted::aesm {

using base::ByteView;
using OptionalBytes = std::optional<ByteView>;
using OptionalU32 = std::optional<std::uint32_t>;
using OptionalU64 = std::optional<std::uint64_t>;

// The number a request and its response carry in the protocol.
enum class MessageKind : std::uint32_t {
  kInitQuote = 1,
  kGetQuote = 2,
  kGetLaunchToken = 3,
  kReportAttestationError = 4,
  kGetWhiteListSize = 10,
  kGetWhiteList = 11,
  kGetExtendedEpidGroupId = 12,
  kSwitchExtendedEpidGroup = 13,
  kRegister = 14,
  kInitQuoteEx = 15,
  kGetQuoteSizeEx = 16,
  kGetQuoteEx = 17,
  kCheckUpdateStatus = 18,
  kSelectAttKeyId = 19,
  kGetSupportedAttKeyIdNum = 21,
  kGetSupportedAttKeyIds = 22,
};

// Requests. `timeout` is decoded because clients send it, and ignored because they disagree
// about its unit (aesm-protocol 1.5).

struct InitQuoteRequest {
  OptionalU32 timeout;
};
struct GetQuoteRequest {
  OptionalBytes report;
  OptionalU32 quote_type;
  OptionalBytes spid;
  OptionalBytes nonce;
  OptionalBytes sig_rl;
  OptionalU32 buf_size;
  std::optional<bool> qe_report;
  OptionalU32 timeout;
};
struct GetLaunchTokenRequest {
  OptionalBytes mr_enclave;
  OptionalBytes mr_signer;
  OptionalBytes se_attributes;
  OptionalU32 timeout;
};
struct ReportAttestationErrorRequest {
  OptionalBytes platform_info;
  OptionalU32 attestation_error_code;
  OptionalU32 update_info_size;
  OptionalU32 timeout;
};
struct GetWhiteListSizeRequest {
  OptionalU32 timeout;
};
struct GetWhiteListRequest {
  OptionalU32 white_list_size;
  OptionalU32 timeout;
};
struct GetExtendedEpidGroupIdRequest {
  OptionalU32 timeout;
};
struct SwitchExtendedEpidGroupRequest {
  OptionalU32 x_group_id;
  OptionalU32 timeout;
};
struct RegisterRequest {
  OptionalBytes buf;
  OptionalU32 data_type;
  OptionalU32 timeout;
};
struct InitQuoteExRequest {
  OptionalBytes att_key_id;
  std::optional<bool> b_pub_key_id;
  OptionalU64 buf_size;
  OptionalU32 timeout;
};
struct GetQuoteSizeExRequest {
  OptionalBytes att_key_id;
  OptionalU32 timeout;
};
struct GetQuoteExRequest {
  OptionalBytes report;
  OptionalBytes att_key_id;
  OptionalBytes qe_report_info;
  OptionalU32 buf_size;
  OptionalU32 timeout;
};
struct CheckUpdateStatusRequest {
  OptionalBytes platform_info;
  OptionalU32 update_info_size;
  OptionalU32 config;
  OptionalU32 timeout;
};
struct SelectAttKeyIdRequest {
  OptionalBytes att_key_id_list;
  OptionalU32 timeout;  // number 2 here, not 9
};
struct GetSupportedAttKeyIdNumRequest {
  OptionalU32 timeout;
};
struct GetSupportedAttKeyIdsRequest {
  OptionalU32 buf_size;
  OptionalU32 timeout;
};

using Request =
    std::variant<InitQuoteRequest, GetQuoteRequest, GetLaunchTokenRequest,
                 ReportAttestationErrorRequest, GetWhiteListSizeRequest, GetWhiteListRequest,
                 GetExtendedEpidGroupIdRequest, SwitchExtendedEpidGroupRequest, RegisterRequest,
                 InitQuoteExRequest, GetQuoteSizeExRequest, GetQuoteExRequest,
                 CheckUpdateStatusRequest, SelectAttKeyIdRequest, GetSupportedAttKeyIdNumRequest,
                 GetSupportedAttKeyIdsRequest>;

// Responses. errorCode is required by the schema, so it is always encoded, also when it is 0.

struct InitQuoteResponse {
  OptionalU32 error_code;
  OptionalBytes target_info;
  OptionalBytes gid;
};
struct GetQuoteResponse {
  OptionalU32 error_code;
  OptionalBytes quote;
  OptionalBytes qe_report;
};
struct GetLaunchTokenResponse {
  OptionalU32 error_code;
  OptionalBytes token;
};
struct ReportAttestationErrorResponse {
  OptionalU32 error_code;
  OptionalBytes platform_update_info;
};
struct GetWhiteListSizeResponse {
  OptionalU32 error_code;
  OptionalU32 white_list_size;
};
struct GetWhiteListResponse {
  OptionalU32 error_code;
  OptionalBytes white_list;
};
struct GetExtendedEpidGroupIdResponse {
  OptionalU32 error_code;
  OptionalU32 x_group_id;
};
struct SwitchExtendedEpidGroupResponse {
  OptionalU32 error_code;
};
struct RegisterResponse {
  OptionalU32 error_code;
};
struct InitQuoteExResponse {
  OptionalU32 error_code;
  OptionalBytes target_info;
  OptionalU64 pub_key_id_size;
  OptionalBytes pub_key_id;
};
struct GetQuoteSizeExResponse {
  OptionalU32 error_code;
  OptionalU32 quote_size;
};
struct GetQuoteExResponse {
  OptionalU32 error_code;
  OptionalBytes quote;
  OptionalBytes qe_report_info;
};
struct CheckUpdateStatusResponse {
  OptionalU32 error_code;
  OptionalBytes platform_update_info;
  OptionalU32 status;
};
struct SelectAttKeyIdResponse {
  OptionalU32 error_code;
  OptionalBytes selected_att_key_id;
};
struct GetSupportedAttKeyIdNumResponse {
  OptionalU32 error_code;
  OptionalU32 att_key_id_num;
};
struct GetSupportedAttKeyIdsResponse {
  OptionalU32 error_code;
  OptionalBytes att_key_ids;
};

// Same order as Request.
using Response =
    std::variant<InitQuoteResponse, GetQuoteResponse, GetLaunchTokenResponse,
                 ReportAttestationErrorResponse, GetWhiteListSizeResponse, GetWhiteListResponse,
                 GetExtendedEpidGroupIdResponse, SwitchExtendedEpidGroupResponse, RegisterResponse,
                 InitQuoteExResponse, GetQuoteSizeExResponse, GetQuoteExResponse,
                 CheckUpdateStatusResponse, SelectAttKeyIdResponse, GetSupportedAttKeyIdNumResponse,
                 GetSupportedAttKeyIdsResponse>;

}  // namespace quoted::aesm
