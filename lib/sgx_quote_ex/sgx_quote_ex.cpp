// The six functions of libsgx_quote_ex.so.1 (aesm-protocol 5.2): which parameters are refused, what
// is asked, and what is copied out of the answer.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "aesm/messages.h"
#include "base/result.h"
#include "base/text.h"
#include "sgx_quote_ex/abi.h"
#include "sgx_quote_ex/call.h"

namespace quoted::quote_ex {
namespace {

using aesm::OptionalBytes;
using base::ByteView;
using base::ErrorCode;
using base::fail;
using base::Status;
using base::text;

// What the reference sends, although services pay no attention (aesm-protocol 1.7).
constexpr std::uint32_t kTimeoutField = 15000;

// Callers' pointers are taken as pointers to bytes, whatever their type says, because nothing says
// that they are aligned.
ByteView bytes_at(const void* data, std::size_t size) {
  return {static_cast<const std::byte*>(data), size};
}

OptionalBytes bytes_if(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return bytes_at(data, size);
}

template <class Integer>
Integer load(const void* from) {
  Integer out;
  std::memcpy(&out, from, sizeof(out));
  return out;
}

template <class Integer>
void store(void* to, Integer value) {
  std::memcpy(to, &value, sizeof(value));
}

// Fails when `bytes` do not fit into `room` bytes.
Status check_fit(const OptionalBytes& bytes, std::size_t room, std::string_view field) {
  if (!bytes || bytes->size() <= room) return {};
  return fail(ErrorCode::kWrongSize, text("the service's answer has ", bytes->size(), " bytes of ",
                                          field, ", there is room for ", room));
}

void copy_if(void* to, const OptionalBytes& bytes) {
  if (bytes && !bytes->empty()) std::memcpy(to, bytes->data(), bytes->size());
}

// A success without what it is for. The reference reports success all the same, and so do we.
template <class Answer, class Value>
void note_if_missing(const Call& call, const Answer& answer, const std::optional<Value>& value,
                     std::string_view field) {
  if (answer.error_code == 0U && !value) call.miss(field);
}

sgx_status_t select(const Call& call, const std::uint8_t* list, std::uint32_t list_size,
                    sgx_att_key_id_t* selected) {
  if (selected == nullptr) return call.invalid("selected is NULL");
  if (list == nullptr && list_size != 0) {
    return call.invalid("the list is NULL, but its size is not 0");
  }
  // Protobuf messages end at 2 GiB.
  constexpr std::uint32_t kRoomForHeaders = 64;
  constexpr std::uint32_t kLargestList = std::numeric_limits<std::int32_t>::max() - kRoomForHeaders;
  if (list_size > kLargestList) return call.invalid("the list is too long for a message");

  const aesm::SelectAttKeyIdRequest request{
      .att_key_id_list = list_size == 0 ? std::nullopt : bytes_if(list, list_size),
      .timeout = kTimeoutField};
  using Answer = aesm::SelectAttKeyIdResponse;
  return call.ask<Answer>(request, [&](const Answer& answer) -> Status {
    QUOTED_CHECK(
        check_fit(answer.selected_att_key_id, sizeof(sgx_att_key_id_t), "selected_att_key_id"));
    note_if_missing(call, answer, answer.selected_att_key_id, "selected_att_key_id");
    copy_if(selected, answer.selected_att_key_id);
    return {};
  });
}

sgx_status_t init(const Call& call, const sgx_att_key_id_t* key, sgx_target_info_t* target_info,
                  std::size_t* pub_key_id_size, std::uint8_t* pub_key_id) {
  if (key == nullptr) return call.invalid("att_key_id is NULL");
  if (target_info == nullptr) return call.invalid("target_info is NULL");
  if (pub_key_id_size == nullptr) return call.invalid("pub_key_id_size is NULL");
  const auto room = load<std::size_t>(pub_key_id_size);
  if (pub_key_id != nullptr && (room == 0 || room >= std::numeric_limits<std::uint32_t>::max())) {
    return call.invalid("*pub_key_id_size is 0 or at least 0xFFFFFFFF");
  }

  // Without a buffer the caller may not have set the size; it is sent all the same, because that is
  // what services are used to (aesm-protocol 3.4).
  const aesm::InitQuoteExRequest request{
      .att_key_id = bytes_at(key, sizeof(*key)),
      .b_pub_key_id = pub_key_id != nullptr,
      .buf_size = room == 0 ? std::nullopt : aesm::OptionalU64(room),
      .timeout = kTimeoutField};
  using Answer = aesm::InitQuoteExResponse;
  return call.ask<Answer>(request, [&](const Answer& answer) -> Status {
    QUOTED_CHECK(check_fit(answer.target_info, sizeof(sgx_target_info_t), "target_info"));
    note_if_missing(call, answer, answer.target_info, "target_info");
    copy_if(target_info, answer.target_info);
    const std::size_t size = answer.pub_key_id_size.value_or(room);
    store(pub_key_id_size, size);
    if (pub_key_id == nullptr) return {};

    note_if_missing(call, answer, answer.pub_key_id, "pub_key_id");
    if (!answer.pub_key_id) return {};
    QUOTED_CHECK(check_fit(answer.pub_key_id, room, "pub_key_id"));
    if (answer.pub_key_id->size() != size) {
      return fail(ErrorCode::kWrongSize,
                  text("the service's answer has ", answer.pub_key_id->size(),
                       " bytes of pub_key_id, but says they are ", size));
    }
    copy_if(pub_key_id, answer.pub_key_id);
    return {};
  });
}

sgx_status_t quote_size_of(const Call& call, const sgx_att_key_id_t* key,
                           std::uint32_t* quote_size) {
  if (quote_size == nullptr) return call.invalid("quote_size is NULL");

  const aesm::GetQuoteSizeExRequest request{.att_key_id = bytes_if(key, sizeof(*key)),
                                            .timeout = kTimeoutField};
  using Answer = aesm::GetQuoteSizeExResponse;
  return call.ask<Answer>(request, [&](const Answer& answer) -> Status {
    note_if_missing(call, answer, answer.quote_size, "quote_size");
    store(quote_size, answer.quote_size.value_or(0));
    return {};
  });
}

sgx_status_t quote(const Call& call, const sgx_report_t* report, const sgx_att_key_id_t* key,
                   sgx_qe_report_info_t* qe_report_info, std::uint8_t* quote_buffer,
                   std::uint32_t quote_size) {
  if (report == nullptr) return call.invalid("app_report is NULL");
  if (key == nullptr) return call.invalid("att_key_id is NULL");
  if (quote_buffer == nullptr) return call.invalid("quote is NULL");
  if (quote_size == 0) return call.invalid("quote_size is 0");

  const aesm::GetQuoteExRequest request{
      .report = bytes_at(report, sizeof(*report)),
      .att_key_id = bytes_at(key, sizeof(*key)),
      .qe_report_info = bytes_if(qe_report_info, sizeof(*qe_report_info)),
      .buf_size = quote_size,
      .timeout = kTimeoutField};
  using Answer = aesm::GetQuoteExResponse;
  return call.ask<Answer>(request, [&](const Answer& answer) -> Status {
    QUOTED_CHECK(check_fit(answer.quote, quote_size, "quote"));
    QUOTED_CHECK(check_fit(answer.qe_report_info, sizeof(*qe_report_info), "qe_report_info"));
    note_if_missing(call, answer, answer.quote, "quote");
    copy_if(quote_buffer, answer.quote);
    if (qe_report_info == nullptr) return {};
    note_if_missing(call, answer, answer.qe_report_info, "qe_report_info");
    copy_if(qe_report_info, answer.qe_report_info);
    return {};
  });
}

sgx_status_t key_id_count(const Call& call, std::uint32_t* count) {
  if (count == nullptr) return call.invalid("att_key_id_num is NULL");

  const aesm::GetSupportedAttKeyIdNumRequest request{.timeout = kTimeoutField};
  using Answer = aesm::GetSupportedAttKeyIdNumResponse;
  return call.ask<Answer>(request, [&](const Answer& answer) -> Status {
    note_if_missing(call, answer, answer.att_key_id_num, "att_key_id_num");
    store(count, answer.att_key_id_num.value_or(0));
    return {};
  });
}

sgx_status_t key_ids(const Call& call, sgx_att_key_id_ext_t* list, std::uint32_t count) {
  if (list == nullptr) return call.invalid("att_key_id_list is NULL");
  if (count == 0) return call.invalid("att_key_id_num is 0");
  constexpr auto kIdSize = static_cast<std::uint32_t>(sizeof(sgx_att_key_id_ext_t));
  if (count > std::numeric_limits<std::uint32_t>::max() / kIdSize) {
    return call.invalid("that many ids have more than 2^32 bytes");
  }

  const std::uint32_t room = count * kIdSize;
  const aesm::GetSupportedAttKeyIdsRequest request{.buf_size = room, .timeout = kTimeoutField};
  using Answer = aesm::GetSupportedAttKeyIdsResponse;
  return call.ask<Answer>(request, [&](const Answer& answer) -> Status {
    QUOTED_CHECK(check_fit(answer.att_key_ids, room, "att_key_ids"));
    note_if_missing(call, answer, answer.att_key_ids, "att_key_ids");
    copy_if(list, answer.att_key_ids);
    return {};
  });
}

}  // namespace
}  // namespace quoted::quote_ex

namespace qe = quoted::quote_ex;
using qe::Call;
using qe::Column;

extern "C" {

sgx_status_t sgx_select_att_key_id(const uint8_t* att_key_id_list, uint32_t att_key_id_list_size,
                                   sgx_att_key_id_t* selected) {
  return qe::run_call("sgx_select_att_key_id", Column::kSelect, [&](const Call& call) {
    return qe::select(call, att_key_id_list, att_key_id_list_size, selected);
  });
}

sgx_status_t sgx_init_quote_ex(const sgx_att_key_id_t* att_key_id, sgx_target_info_t* target_info,
                               size_t* pub_key_id_size, uint8_t* pub_key_id) {
  return qe::run_call("sgx_init_quote_ex", Column::kInit, [&](const Call& call) {
    return qe::init(call, att_key_id, target_info, pub_key_id_size, pub_key_id);
  });
}

sgx_status_t sgx_get_quote_size_ex(const sgx_att_key_id_t* att_key_id, uint32_t* quote_size) {
  return qe::run_call("sgx_get_quote_size_ex", Column::kSize, [&](const Call& call) {
    return qe::quote_size_of(call, att_key_id, quote_size);
  });
}

sgx_status_t sgx_get_quote_ex(const sgx_report_t* app_report, const sgx_att_key_id_t* att_key_id,
                              sgx_qe_report_info_t* qe_report_info, uint8_t* quote,
                              uint32_t quote_size) {
  return qe::run_call("sgx_get_quote_ex", Column::kQuote, [&](const Call& call) {
    return qe::quote(call, app_report, att_key_id, qe_report_info, quote, quote_size);
  });
}

sgx_status_t sgx_get_supported_att_key_id_num(uint32_t* att_key_id_num) {
  return qe::run_call("sgx_get_supported_att_key_id_num", Column::kIds,
                      [&](const Call& call) { return qe::key_id_count(call, att_key_id_num); });
}

sgx_status_t sgx_get_supported_att_key_ids(sgx_att_key_id_ext_t* att_key_id_list,
                                           uint32_t att_key_id_num) {
  return qe::run_call("sgx_get_supported_att_key_ids", Column::kIds, [&](const Call& call) {
    return qe::key_ids(call, att_key_id_list, att_key_id_num);
  });
}

}  // extern "C"
