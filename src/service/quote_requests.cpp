// Target info, size, and the quote itself (aesm-protocol 3.4 to 3.6).
#include <algorithm>

#include "aesm/codec.h"
#include "base/byte_reader.h"
#include "base/text.h"
#include "service/request_checks.h"
#include "service/serve.h"

namespace quoted::service {

using base::ErrorCode;
using base::fail;
using base::text;

namespace {

constexpr std::size_t kPubKeyIdSize = sgx::PubKeyId::kSize;

// The first call of the pair asks for the size alone. What stands in buf_size is then stack
// garbage of the caller, and a pub_key_id would be copied to a null pointer.
base::Bytes pub_key_id_size_only() {
  const sgx::TargetInfo no_target_info;
  aesm::InitQuoteExResponse response;
  response.error_code = 0;
  response.target_info = base::struct_bytes(no_target_info);
  response.pub_key_id_size = kPubKeyIdSize;
  return aesm::encode_response_frame(response);
}

base::Bytes initialized(const PlatformSnapshot& snapshot) {
  aesm::InitQuoteExResponse response;
  response.error_code = 0;
  response.target_info = base::struct_bytes(snapshot.qe_target_info);
  response.pub_key_id_size = kPubKeyIdSize;
  response.pub_key_id = snapshot.pub_key_id.view();
  return aesm::encode_response_frame(response);
}

base::Status check_quote_buffer(std::uint32_t buf_size, const RequestLimits& limits) {
  if (buf_size <= limits.max_quote_buffer) return {};
  return fail(ErrorCode::kBadParameter,
              text("buf_size is ", buf_size, ", at most ", limits.max_quote_buffer, " is allowed"));
}

base::Result<quoting::QuoteRequest> parse_quote_request(const aesm::GetQuoteExRequest& request) {
  quoting::QuoteRequest out;
  const auto report = base::parse_struct<sgx::Report>(*request.report, "the REPORT");
  if (!report) return fail(ErrorCode::kBadParameter, report.error().message());
  out.report = *report;
  if (request.qe_report_info) {
    const auto info =
        base::parse_struct<sgx::QeReportInfo>(*request.qe_report_info, "qe_report_info");
    if (!info) return fail(ErrorCode::kBadParameter, info.error().message());
    out.qe_report_info = *info;
  }
  return out;
}

}  // namespace

FrameResult serve(const aesm::InitQuoteExRequest& request, const PlatformSnapshot& snapshot,
                  const RequestLimits&) {
  QUOTED_CHECK(check_available(snapshot));
  QUOTED_CHECK(check_key_id_shape(request.att_key_id));
  const bool initialize = *request.b_pub_key_id;
  if (initialize && request.buf_size.value_or(0) != kPubKeyIdSize) {
    return fail(ErrorCode::kBadParameter, text("buf_size is ", request.buf_size.value_or(0),
                                               ", a public key id has ", kPubKeyIdSize, " bytes"));
  }
  QUOTED_CHECK(check_key_id_known(request.att_key_id, snapshot));
  if (!initialize) return pub_key_id_size_only();
  QUOTED_CHECK(check_certified(snapshot));
  return initialized(snapshot);
}

FrameResult serve(const aesm::GetQuoteSizeExRequest& request, const PlatformSnapshot& snapshot,
                  const RequestLimits&) {
  QUOTED_CHECK(check_available(snapshot));
  QUOTED_CHECK(check_key_id_shape(request.att_key_id));
  QUOTED_CHECK(check_key_id_known(request.att_key_id, snapshot));
  QUOTED_CHECK(check_certified(snapshot));
  aesm::GetQuoteSizeExResponse response;
  response.error_code = 0;
  response.quote_size = snapshot.quote_size;
  return aesm::encode_response_frame(response);
}

base::Result<QuoteJob> serve(const aesm::GetQuoteExRequest& request,
                             const PlatformSnapshot& snapshot, const RequestLimits& limits) {
  QUOTED_CHECK(check_available(snapshot));
  QUOTED_CHECK(check_key_id_shape(request.att_key_id));
  // The one request that looks at the key id before its other parameters (aesm-protocol 3.6).
  QUOTED_CHECK(check_key_id_known(request.att_key_id, snapshot));
  QUOTED_TRY(quoting::QuoteRequest quote_request, parse_quote_request(request));
  QUOTED_CHECK(check_quote_buffer(*request.buf_size, limits));
  QUOTED_CHECK(check_certified(snapshot));
  const std::uint32_t needed = std::min(
      snapshot.quote_size, snapshot.previous_quote_size.value_or(snapshot.quote_size));
  if (*request.buf_size < needed) {
    return fail(
        ErrorCode::kQuoteBufferTooSmall,
        text("buf_size is ", *request.buf_size, ", the quote has ", snapshot.quote_size, " bytes"));
  }
  quote_request.max_size = *request.buf_size;
  return QuoteJob{.request = quote_request, .buf_size = *request.buf_size};
}

}  // namespace quoted::service
