#include "certification/probe_steps.h"

#include <array>

namespace quoted::certification {
namespace {

using base::ErrorCode;

ProbeStep step_that_waits(const http::Timings& reached, bool over_tls) {
  if (!reached.resolved) return ProbeStep::kResolve;
  if (!reached.connected) return ProbeStep::kConnect;
  if (over_tls && !reached.secured) return ProbeStep::kTls;
  return reached.answered ? ProbeStep::kBody : ProbeStep::kReply;
}

}  // namespace

std::string_view probe_step_name(ProbeStep step) {
  constexpr std::array<std::string_view, 10> kNames{"address",   "resolve", "connect", "proxy",
                                                    "tls",       "reply",   "body",    "content",
                                                    "signature", "dates"};
  return kNames.at(static_cast<std::size_t>(step));
}

ProbeStep failed_step(ErrorCode code, const http::Timings& reached, bool over_tls) {
  switch (code) {
    case ErrorCode::kUrlInvalid:
    case ErrorCode::kInvalidArgument:
      return ProbeStep::kAddress;
    case ErrorCode::kHostNotFound:
      return ProbeStep::kResolve;
    case ErrorCode::kEndpointRefused:
      return ProbeStep::kConnect;
    case ErrorCode::kProxyFailed:
      return ProbeStep::kProxy;
    case ErrorCode::kTlsFailed:
    case ErrorCode::kTlsNotTrusted:
      return ProbeStep::kTls;
    case ErrorCode::kTransferTimeout:
    case ErrorCode::kTransferBroken:
      return step_that_waits(reached, over_tls);
    case ErrorCode::kReplyTooLarge:
      return ProbeStep::kBody;
    case ErrorCode::kRedirectRefused:
    case ErrorCode::kApiKeyRefused:
    case ErrorCode::kNotFoundAtSource:
    case ErrorCode::kSourceBusy:
    case ErrorCode::kSourceFailed:
      return ProbeStep::kReply;
    case ErrorCode::kApiVersionRetired:
    case ErrorCode::kNotACertificationService:
    case ErrorCode::kReplyNotUnderstood:
      return ProbeStep::kContent;
    case ErrorCode::kCollateralExpired:
    case ErrorCode::kCollateralNotYetValid:
      return ProbeStep::kDates;
    default:
      return ProbeStep::kSignature;
  }
}

}  // namespace quoted::certification
