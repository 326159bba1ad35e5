#include "service/request_handler.h"

#include "aesm/codec.h"
#include "base/byte_reader.h"
#include "base/text.h"
#include "service/error_responses.h"
#include "service/serve.h"

namespace quoted::service {

using base::Error;
using base::ErrorCode;
using base::text;

namespace {

// A failure without a code of its own must not read as success.
std::uint32_t failure_code(const Error& error) {
  constexpr std::uint32_t kUnexpected = 1;
  return error.entry().aesm == 0 ? kUnexpected : error.entry().aesm;
}

Answer refuse(const aesm::Request& request, Error reason) {
  return {.frame = aesm::encode_response_frame(error_response(request, failure_code(reason))),
          .reason = std::move(reason)};
}

Decision accept(base::Bytes frame) { return Answer{.frame = std::move(frame), .reason = {}}; }
Decision accept(QuoteJob job) { return job; }

// What the platform made, unless it cannot be handed out as the client asked for it.
base::Result<quoting::QuoteOutput> checked(const QuoteJob& job,
                                           base::Result<quoting::QuoteOutput> result) {
  if (!result) return result;
  // The certification data may have grown since the snapshot that `decide` saw.
  if (result->quote.size() > job.buf_size) {
    return base::fail(
        ErrorCode::kQuoteBufferTooSmall,
        text("buf_size is ", job.buf_size, ", the quote has ", result->quote.size(), " bytes"));
  }
  // A client that asked for it crashes on a success without it (aesm-protocol 1.5).
  if (job.request.qe_report_info && !result->qe_report_info) {
    return base::fail(ErrorCode::kInternal, "the platform made a quote without the QE report");
  }
  return result;
}

}  // namespace

std::uint32_t Answer::aesm_code() const { return reason ? failure_code(*reason) : 0; }

Decision decide(const aesm::Request& request, const quoting::PlatformSnapshot& snapshot,
                const RequestLimits& limits) {
  if (const std::string_view field = aesm::missing_required_field(request); !field.empty()) {
    return refuse(request, Error(ErrorCode::kMissingField,
                                 text("the request lacks the required field ", field)));
  }
  return std::visit(
      [&](const auto& typed) -> Decision {
        auto outcome = serve(typed, snapshot, limits);
        if (!outcome) return refuse(request, std::move(outcome).error());
        return accept(*std::move(outcome));
      },
      request);
}

Answer conclude(const QuoteJob& job, base::Result<quoting::QuoteOutput> result) {
  result = checked(job, std::move(result));
  if (!result) return refuse(aesm::GetQuoteExRequest(), std::move(result).error());

  // Exactly the size asked for, the rest zero: some clients check it (aesm-protocol 1.5).
  result->quote.resize(job.buf_size);
  aesm::GetQuoteExResponse response;
  response.error_code = 0;
  response.quote = result->quote;
  if (job.request.qe_report_info) {
    response.qe_report_info = base::struct_bytes(*result->qe_report_info);
  }
  return {.frame = aesm::encode_response_frame(response), .reason = {}};
}

}  // namespace quoted::service
