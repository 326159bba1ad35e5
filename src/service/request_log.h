// What the log says about requests and connections: one line each, naming who asked for what and
// why it failed.
#pragma once

#include <string_view>

#include "aesm/messages.h"
#include "base/error.h"
#include "service/peer.h"
#include "service/request_handler.h"
#include "telemetry/log.h"

namespace quoted::service {

// A warning when the answer carries an error code, else for debugging.
void log_answer(telemetry::Logger& logger, const Peer& peer, aesm::MessageKind kind,
                const Answer& answer);

// Why a connection was closed without the peer having asked for it. `request` is the name of the
// request in progress, empty when none was understood yet.
void log_closed(telemetry::Logger& logger, const Peer& peer, std::string_view request,
                const base::Error& reason);

}  // namespace quoted::service
