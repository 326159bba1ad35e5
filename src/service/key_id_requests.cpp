// Which attestation keys there are, and which of a client's list is meant (aesm-protocol 3.1 to
// 3.3). This service has exactly one.
#include <optional>

#include "aesm/codec.h"
#include "base/byte_reader.h"
#include "base/text.h"
#include "service/request_checks.h"
#include "service/serve.h"

namespace quoted::service {

using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::text;

namespace {

constexpr std::uint32_t kKeyIds = 1;
constexpr std::size_t kEntrySize = sizeof(sgx::AttestationKeyId);
constexpr std::size_t kListHeaderSize = sizeof(sgx::AttestationKeyIdListHeader);

// The entries of the list a client sent, which lie end to end.
base::Result<ByteView> parse_list(ByteView list) {
  if (list.size() < kListHeaderSize + kEntrySize) {
    return fail(ErrorCode::kBadParameter,
                text("att_key_id_list has ", list.size(), " bytes, at least ",
                     kListHeaderSize + kEntrySize, " are needed"));
  }
  QUOTED_TRY(const auto header, base::parse_struct<sgx::AttestationKeyIdListHeader>(
                                    list.first(kListHeaderSize), "att_key_id_list header"));
  const std::uint32_t id = header.id;
  const std::uint32_t version = header.version;
  const std::uint32_t count = header.num_att_ids;
  if (id != 0 || version != 0) {
    return fail(ErrorCode::kBadParameter, text("att_key_id_list has id ", id, " and version ",
                                               version, ", only 0 and 0 are known"));
  }
  if (count > sgx::kMaxAttestationKeyIdsInList) {
    return fail(ErrorCode::kBadParameter,
                text("att_key_id_list announces ", count, " entries, at most ",
                     sgx::kMaxAttestationKeyIdsInList, " are allowed"));
  }
  if (list.size() != kListHeaderSize + (kEntrySize * count)) {
    return fail(ErrorCode::kBadParameter, text("att_key_id_list announces ", count,
                                               " entries, but has ", list.size(), " bytes"));
  }
  return list.subspan(kListHeaderSize);
}

// The client's own entry, with whatever it has beyond the bytes that are compared.
std::optional<ByteView> find_platform_key(ByteView entries, const PlatformSnapshot& snapshot) {
  for (; !entries.empty(); entries = entries.subspan(kEntrySize)) {
    const ByteView entry = entries.first(kEntrySize);
    if (is_platform_key(entry, snapshot)) return entry;
  }
  return std::nullopt;
}

base::Bytes selected(ByteView entry) {
  aesm::SelectAttKeyIdResponse response;
  response.error_code = 0;
  response.selected_att_key_id = entry;
  return aesm::encode_response_frame(response);
}

}  // namespace

FrameResult serve(const aesm::GetSupportedAttKeyIdNumRequest&, const PlatformSnapshot& snapshot,
                  const RequestLimits&) {
  QUOTED_CHECK(check_available(snapshot));
  aesm::GetSupportedAttKeyIdNumResponse response;
  response.error_code = 0;
  response.att_key_id_num = kKeyIds;
  return aesm::encode_response_frame(response);
}

FrameResult serve(const aesm::GetSupportedAttKeyIdsRequest& request,
                  const PlatformSnapshot& snapshot, const RequestLimits&) {
  // The one request for which the reference answers 3, not 30, while there is no key.
  if (const auto available = check_available(snapshot); !available) {
    return fail(ErrorCode::kBadParameter,
                text("there is no key id to list: ", available.error().summary()));
  }
  if (*request.buf_size != kKeyIds * kEntrySize) {
    return fail(ErrorCode::kBadParameter,
                text("buf_size is ", *request.buf_size, ", must be ", kKeyIds * kEntrySize));
  }
  const sgx::AttestationKeyId entry = platform_key_entry(snapshot);
  aesm::GetSupportedAttKeyIdsResponse response;
  response.error_code = 0;
  response.att_key_ids = base::struct_bytes(entry);
  return aesm::encode_response_frame(response);
}

FrameResult serve(const aesm::SelectAttKeyIdRequest& request, const PlatformSnapshot& snapshot,
                  const RequestLimits&) {
  QUOTED_CHECK(check_available(snapshot));
  if (!request.att_key_id_list) {
    const sgx::AttestationKeyId entry = platform_key_entry(snapshot);
    return selected(base::struct_bytes(entry));
  }
  QUOTED_TRY(const ByteView entries, parse_list(*request.att_key_id_list));
  const auto entry = find_platform_key(entries, snapshot);
  if (!entry) {
    return fail(ErrorCode::kUnsupportedAttestationKey,
                text("none of the ", entries.size() / kEntrySize,
                     " attestation keys in the list is this platform's"));
  }
  return selected(*entry);
}

}  // namespace quoted::service
