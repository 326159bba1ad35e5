#include "service/error_responses.h"

#include <type_traits>

#include "base/error_table.h"
#include "service/response_to.h"

namespace quoted::service {
namespace {

// Most responses hold the error code and nothing else.
template <class Request>
void add_fields(const Request&, ResponseTo<Request>&) {}

// Clients read these numbers also when the call failed, so they are always encoded.

void add_fields(const aesm::GetWhiteListSizeRequest&, aesm::GetWhiteListSizeResponse& response) {
  response.white_list_size = 0;
}

void add_fields(const aesm::GetExtendedEpidGroupIdRequest&,
                aesm::GetExtendedEpidGroupIdResponse& response) {
  response.x_group_id = 0;
}

void add_fields(const aesm::GetSupportedAttKeyIdNumRequest&,
                aesm::GetSupportedAttKeyIdNumResponse& response) {
  response.att_key_id_num = 0;
}

void add_fields(const aesm::GetQuoteSizeExRequest&, aesm::GetQuoteSizeExResponse& response) {
  response.quote_size = 0;
}

void add_fields(const aesm::InitQuoteExRequest& request, aesm::InitQuoteExResponse& response) {
  response.pub_key_id_size = request.buf_size.value_or(0);
}

// Only where the reference has it: when the component is absent (aesm-protocol 3.7).
void add_fields(const aesm::CheckUpdateStatusRequest&, aesm::CheckUpdateStatusResponse& response) {
  const auto& unavailable = base::error_entry(base::ErrorCode::kServiceUnavailable);
  if (response.error_code == unavailable.aesm) response.status = 0;
}

}  // namespace

aesm::Response error_response(const aesm::Request& request, std::uint32_t code) {
  return std::visit(
      [code](const auto& typed) -> aesm::Response {
        ResponseTo<std::decay_t<decltype(typed)>> response;
        response.error_code = code;
        add_fields(typed, response);
        return response;
      },
      request);
}

}  // namespace quoted::service
