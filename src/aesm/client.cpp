#include "aesm/client.h"

#include <algorithm>
#include <utility>

#include "aesm/codec.h"
#include "aesm/framing.h"
#include "aesm/refusal.h"
#include "aesm/retry.h"
#include "base/text.h"

namespace quoted::aesm {
namespace {

using base::ErrorCode;
using base::fail;
using base::struct_bytes;
using base::text;

// What a response holds at most beside the bytes that were asked for.
constexpr std::size_t kLargestOverhead = 4096;

// The largest answer to `request` that makes sense: what the caller made room for, when that is
// more than any service of ours sends.
std::size_t largest_answer(const Request& request) {
  std::uint32_t asked = 0;
  if (const auto* quote = std::get_if<GetQuoteExRequest>(&request)) {
    asked = quote->buf_size.value_or(0);
  } else if (const auto* ids = std::get_if<GetSupportedAttKeyIdsRequest>(&request)) {
    asked = ids->buf_size.value_or(0);
  }
  return std::max(kMaxResponseSize, asked + kLargestOverhead);
}

// The value of a field that the answer must have.
template <class Value>
Result<Value> present(const std::optional<Value>& value, std::string_view field) {
  if (value) return *value;
  return fail(ErrorCode::kMissingField, text("it lacks ", field));
}

template <class Struct>
Result<Struct> structure(const OptionalBytes& value, std::string_view field) {
  QUOTED_TRY(const ByteView bytes, present(value, field));
  return base::parse_struct<Struct>(bytes, field);
}

// Asks, makes sure of errorCode 0, and gives the answer to `read` while its views live.
template <class Answer, class Read>
auto ask(const Client& client, const Request& request, const Read& read)
    -> std::invoke_result_t<Read, const Answer&> {
  const auto take = [&](const Answer& answer) -> std::invoke_result_t<Read, const Answer&> {
    QUOTED_TRY(const std::uint32_t code, present(answer.error_code, "errorCode"));
    if (code != 0) return fail(refusal(kind_of(request), code));
    return read(answer);
  };
  QUOTED_TRY(const OwnedResponse response, client.call(request));
  auto result = take(std::get<Answer>(response.get()));
  if (!result && result.error().code() != ErrorCode::kServiceRefused) {
    return fail(
        std::move(result).error().with_context(text("the answer to ", name_of(kind_of(request)))));
  }
  return result;
}

}  // namespace

Result<OwnedResponse> OwnedResponse::decode(base::Bytes body) {
  QUOTED_TRY(const Response response, decode_response(body));
  return OwnedResponse(std::move(body), response);
}

Client::Client(std::filesystem::path socket, ClientOptions options)
    : socket_(std::move(socket)), options_(std::move(options)) {}

Client::Client(std::filesystem::path socket, std::chrono::milliseconds timeout)
    : Client(std::move(socket),
             ClientOptions{.timeout = timeout, .retry = {}, .on_retry = nullptr}) {}

Result<OwnedResponse> Client::call(const Request& request) const {
  QUOTED_TRY(Bytes body,
             exchange_with_retry(socket_, encode_request_frame(request), Deadline(options_.timeout),
                                 largest_answer(request), options_.retry, options_.on_retry));
  Result<OwnedResponse> response = OwnedResponse::decode(std::move(body));
  if (!response) {
    return fail(std::move(response).error().with_context(text("the answer of ", socket_.native())));
  }
  const MessageKind asked = kind_of(request);
  const MessageKind answered = kind_of(response->get());
  if (answered != asked) {
    return fail(ErrorCode::kUnexpectedResponse,
                text("the service at ", socket_.native(), " answered ", name_of(asked),
                     " with the response to ", name_of(answered)));
  }
  return response;
}

Result<InitializedQuote> Client::init_quote() const {
  const sgx::AttestationKeyId key = sgx::ecdsa_p256_key_id();
  const InitQuoteExRequest request{.att_key_id = struct_bytes(key),
                                   .b_pub_key_id = true,
                                   .buf_size = sgx::PubKeyId::kSize,
                                   .timeout = std::nullopt};
  return ask<InitQuoteExResponse>(
      *this, request, [](const InitQuoteExResponse& answer) -> Result<InitializedQuote> {
        QUOTED_TRY(const auto target,
                   structure<sgx::TargetInfo>(answer.target_info, "target_info"));
        QUOTED_TRY(const auto key_id, structure<sgx::PubKeyId>(answer.pub_key_id, "pub_key_id"));
        return InitializedQuote{.target_info = target, .pub_key_id = key_id};
      });
}

Result<std::uint32_t> Client::quote_size() const {
  const sgx::AttestationKeyId key = sgx::ecdsa_p256_key_id();
  const GetQuoteSizeExRequest request{.att_key_id = struct_bytes(key), .timeout = std::nullopt};
  return ask<GetQuoteSizeExResponse>(*this, request, [](const GetQuoteSizeExResponse& answer) {
    return present(answer.quote_size, "quote_size");
  });
}

Result<QuoteAnswer> Client::quote(const sgx::Report& report, std::uint32_t buf_size,
                                  const std::optional<sgx::QeReportInfo>& qe_report_info) const {
  const sgx::AttestationKeyId key = sgx::ecdsa_p256_key_id();
  GetQuoteExRequest request{.report = struct_bytes(report),
                            .att_key_id = struct_bytes(key),
                            .qe_report_info = std::nullopt,
                            .buf_size = buf_size,
                            .timeout = std::nullopt};
  if (qe_report_info) request.qe_report_info = struct_bytes(*qe_report_info);
  return ask<GetQuoteExResponse>(
      *this, request, [&](const GetQuoteExResponse& answer) -> Result<QuoteAnswer> {
        QUOTED_TRY(const ByteView bytes, present(answer.quote, "quote"));
        if (bytes.size() > buf_size) {
          return fail(ErrorCode::kWrongSize, text("its quote has ", bytes.size(),
                                                  " bytes, at most ", buf_size, " were asked for"));
        }
        QuoteAnswer out{.quote = base::to_bytes(bytes), .qe_report_info = std::nullopt};
        if (qe_report_info) {
          QUOTED_TRY(out.qe_report_info,
                     structure<sgx::QeReportInfo>(answer.qe_report_info, "qe_report_info"));
        }
        return out;
      });
}

Result<QuoteAnswer> Client::quote_for(
    const sgx::Report& report, const std::optional<sgx::QeReportInfo>& qe_report_info) const {
  const auto attempt = [&]() -> Result<QuoteAnswer> {
    QUOTED_TRY(const std::uint32_t size, quote_size());
    return quote(report, size, qe_report_info);
  };
  constexpr std::uint32_t kKeyNotInitialized = 42;
  auto answer = attempt();
  if (answer || answer.error().code() != ErrorCode::kServiceRefused ||
      answer.error().peer_code() != kKeyNotInitialized) {
    return answer;
  }
  QUOTED_CHECK(init_quote());
  return attempt();
}

Result<std::vector<sgx::AttestationKeyId>> Client::supported_key_ids() const {
  using Ids = std::vector<sgx::AttestationKeyId>;
  constexpr std::size_t kIdSize = sizeof(sgx::AttestationKeyId);

  const auto read_count = [](const GetSupportedAttKeyIdNumResponse& answer) {
    return present(answer.att_key_id_num, "att_key_id_num");
  };
  const GetSupportedAttKeyIdNumRequest ask_count{.timeout = std::nullopt};
  QUOTED_TRY(const std::uint32_t count,
             ask<GetSupportedAttKeyIdNumResponse>(*this, ask_count, read_count));
  if (count == 0) return Ids{};
  constexpr std::size_t kMaxCount = kMaxResponseSize / kIdSize;
  if (count > kMaxCount) {
    return fail(ErrorCode::kBadParameter, text("the service claims to have ", count,
                                               " key ids, at most ", kMaxCount, " can be sent"));
  }

  const std::size_t size = count * kIdSize;
  const GetSupportedAttKeyIdsRequest request{.buf_size = static_cast<std::uint32_t>(size),
                                             .timeout = std::nullopt};
  return ask<GetSupportedAttKeyIdsResponse>(
      *this, request, [&](const GetSupportedAttKeyIdsResponse& answer) -> Result<Ids> {
        QUOTED_TRY(const ByteView bytes, present(answer.att_key_ids, "att_key_ids"));
        if (bytes.size() != size) {
          return fail(ErrorCode::kWrongSize, text("its ", count, " att_key_ids need ", size,
                                                  " bytes, got ", bytes.size()));
        }
        base::ByteReader reader(bytes);
        Ids ids;
        while (reader.remaining() > 0) {
          QUOTED_TRY(const auto id, reader.take_struct<sgx::AttestationKeyId>("att_key_ids"));
          ids.push_back(id);
        }
        return ids;
      });
}

}  // namespace quoted::aesm
