// The result of one quote on its way back to the event loop that asked for it. Private.
#pragma once

#include <memory>
#include <optional>

#include "quoting/platform.h"
#include "service/asio.h"
#include "service/loop_port.h"

namespace quoted::service {

// Touched on the loop's thread alone.
struct PendingQuote {
  std::optional<base::Result<quoting::QuoteOutput>> result;
  Timer* sleeper = nullptr;  // what to wake when the result is there
};

// What a platform calls when the quote is made: at once and on the loop's thread, or later from
// any thread, also after the session that asked has ended.
[[nodiscard]] quoting::QuoteCompletion completion_of(std::shared_ptr<PendingQuote> pending,
                                                     std::shared_ptr<LoopPort> port);

}  // namespace quoted::service
