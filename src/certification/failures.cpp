#include "certification/failures.h"

#include <algorithm>

#include "base/text.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;

constexpr int kAnswered = 8;

// How far a request came that ended so: 0 is the farthest from an answer.
int distance_covered(ErrorCode code) {
  switch (code) {
    case ErrorCode::kSourceSuspended:
      return 0;
    case ErrorCode::kUrlInvalid:
    case ErrorCode::kHostNotFound:
      return 1;
    case ErrorCode::kEndpointRefused:
    case ErrorCode::kProxyFailed:
      return 2;
    case ErrorCode::kTlsFailed:
    case ErrorCode::kTlsNotTrusted:
      return 3;
    case ErrorCode::kTransferTimeout:
    case ErrorCode::kTransferBroken:
      return 4;
    case ErrorCode::kReplyTooLarge:
    case ErrorCode::kRedirectRefused:
    case ErrorCode::kNotACertificationService:
    case ErrorCode::kReplyNotUnderstood:
    case ErrorCode::kApiVersionRetired:
      return 5;
    case ErrorCode::kSourceFailed:
    case ErrorCode::kSourceBusy:
      return 6;
    case ErrorCode::kApiKeyRefused:
      return 7;
    case ErrorCode::kNotFoundAtSource:
      return kAnswered;
    case ErrorCode::kPlatformUnknown:
      return 9;
    case ErrorCode::kNoPckForTcb:
    case ErrorCode::kPckSelectionFailed:
      return 10;
    default:
      return 11;  // a document came, and the check refused it
  }
}

}  // namespace

bool Failures::all_answered() const {
  return std::ranges::all_of(all_, [](const Failure& failure) {
    return distance_covered(failure.error.code()) >= kAnswered;
  });
}

base::Error Failures::nearest() const {
  const auto first = std::ranges::max_element(
      all_, {}, [](const Failure& failure) { return distance_covered(failure.error.code()); });
  std::string message = base::text(first->source, ": ", first->error.summary());
  for (const Failure& other : all_) {
    if (&other != &*first) message += base::text("; ", other.source, ": ", other.error.summary());
  }
  base::Error out(first->error.code(), std::move(message));
  if (const auto code = first->error.peer_code()) return std::move(out).with_peer_code(*code);
  return out;
}

}  // namespace quoted::certification
