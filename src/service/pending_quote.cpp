#include "service/pending_quote.h"

#include <utility>

namespace quoted::service {
namespace {

using QuoteResult = base::Result<quoting::QuoteOutput>;

void deliver(PendingQuote& pending, QuoteResult result) {
  pending.result = std::move(result);
  if (pending.sleeper != nullptr) pending.sleeper->cancel();
}

void deliver_from_elsewhere(const std::shared_ptr<PendingQuote>& pending, LoopPort& port,
                            QuoteResult result) noexcept {
  try {
    port.post(
        [pending, result = std::move(result)]() mutable { deliver(*pending, std::move(result)); });
  } catch (...) {
    // No memory to carry the result: the session that waits for it runs into its deadline. The
    // platform's thread is not ours to throw into.
    return;
  }
}

}  // namespace

quoting::QuoteCompletion completion_of(std::shared_ptr<PendingQuote> pending,
                                       std::shared_ptr<LoopPort> port) {
  return [pending = std::move(pending), port = std::move(port)](QuoteResult result) {
    if (port->on_loop_thread()) {
      deliver(*pending, std::move(result));
    } else {
      deliver_from_elsewhere(pending, *port, std::move(result));
    }
  };
}

}  // namespace quoted::service
