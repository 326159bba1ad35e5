#include "quoted/client.h"

#include "aesm/client.h"
#include "aesm/socket_advice.h"
#include "libquoted/convert.h"
#include "quote/quote.h"

namespace quoted {
namespace {

using api::refuse;
using api::to_array;
using api::to_internal;
using api::to_public;

constexpr const char* kDefaultSocket = "/var/run/aesmd/aesm.socket";

aesm::Client connect(const ClientOptions& options) {
  aesm::ClientOptions out{.timeout = options.timeout, .retry = {}, .on_retry = {}};
  if (options.longest_absence.count() > 0) {
    out.retry = aesm::kPatient;
    out.retry.longest_absence = options.longest_absence;
  }
  return {options.socket.empty() ? kDefaultSocket : options.socket, out};
}

// As long as its length fields say; what the service put behind it is none of the caller's
// business.
Result<Bytes> without_padding(const base::Bytes& answer) {
  std::size_t padding = 0;
  const auto parsed = quote::Quote::parse(answer, &padding);
  if (!parsed) return refuse(parsed);
  return to_public(base::ByteView(answer).first(answer.size() - padding));
}

}  // namespace

Result<QuotingTarget> Client::target() const {
  const auto answer = connect(options_).init_quote();
  if (!answer) return refuse(answer);
  return QuotingTarget{.target_info = to_array(answer->target_info),
                       .pub_key_id = to_array(answer->pub_key_id)};
}

Result<Bytes> Client::quote(ByteView report) const {
  const auto parsed = base::parse_struct<sgx::Report>(to_internal(report), "the REPORT");
  if (!parsed) return refuse(parsed);
  const auto answer = connect(options_).quote_for(*parsed);
  if (!answer) return refuse(answer);
  return without_padding(answer->quote);
}

Result<VouchedQuote> Client::quote(ByteView report, ByteView nonce, ByteView target_info) const {
  const auto parsed = base::parse_struct<sgx::Report>(to_internal(report), "the REPORT");
  if (!parsed) return refuse(parsed);
  const auto random = sgx::QuoteNonce::parse(to_internal(nonce));
  if (!random) return refuse(random);
  const auto target =
      base::parse_struct<sgx::TargetInfo>(to_internal(target_info), "the target info");
  if (!target) return refuse(target);
  const sgx::QeReportInfo info{
      .nonce = *random, .app_enclave_target_info = *target, .qe_report = {}};
  const auto answer = connect(options_).quote_for(*parsed, info);
  if (!answer) return refuse(answer);
  auto quote = without_padding(answer->quote);
  if (!quote) return tl::unexpected(std::move(quote).error());
  return VouchedQuote{.quote = *std::move(quote),
                      .qe_report = to_array(answer->qe_report_info->qe_report)};
}

}  // namespace quoted
