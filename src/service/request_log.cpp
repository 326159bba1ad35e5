#include "service/request_log.h"

#include "aesm/codec.h"
#include "telemetry/names.h"

namespace quoted::service {

namespace event = telemetry::event;
using base::ErrorCode;
using telemetry::Level;

namespace {

struct Closing {
  Level level;
  std::string_view event;
  std::string_view message;
};

Closing closing_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kPeerClosed:
      return {Level::kInfo, event::kConnectionBroken, "the peer broke off"};
    case ErrorCode::kPeerTimeout:
      return {Level::kWarning, event::kConnectionStalled, "the peer stalled; closed"};
    case ErrorCode::kFrameTooLarge:
    case ErrorCode::kMalformedMessage:
    case ErrorCode::kUnknownRequest:
      return {Level::kWarning, event::kRequestMalformed, "closed without an answer"};
    default:
      return {Level::kError, event::kSessionFailed, "the connection failed; closed"};
  }
}

}  // namespace

void log_answer(telemetry::Logger& logger, const Peer& peer, aesm::MessageKind kind,
                const Answer& answer) {
  const std::string_view request = aesm::name_of(kind);
  if (!answer.reason) {
    logger.debug(event::kRequestAnswered, "answered",
                 {{"request", request}, {"uid", peer.uid}, {"gid", peer.gid}, {"pid", peer.pid}});
    return;
  }
  if (!logger.enabled(Level::kWarning)) return;
  const base::Error& reason = *answer.reason;
  logger.warning(event::kRequestFailed, "answered with an error",
                 {{"request", request},
                  {"aesm_code", answer.aesm_code()},
                  {"aesm_name", base::aesm_error_name(answer.aesm_code())},
                  {"error", reason.entry().id},
                  {"reason", reason.summary()},
                  {"cause", reason.entry().cause},
                  {"remedy", reason.entry().remedy},
                  {"uid", peer.uid},
                  {"gid", peer.gid},
                  {"pid", peer.pid}});
}

void log_closed(telemetry::Logger& logger, const Peer& peer, std::string_view request,
                const base::Error& reason) {
  const Closing closing = closing_for(reason.code());
  if (!logger.enabled(closing.level)) return;
  logger.log(closing.level, closing.event, closing.message,
             {{"request", request.empty() ? "none" : request},
              {"error", reason.entry().id},
              {"reason", reason.summary()},
              {"uid", peer.uid},
              {"gid", peer.gid},
              {"pid", peer.pid}});
}

}  // namespace quoted::service
