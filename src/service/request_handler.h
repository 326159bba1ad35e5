// What the service answers to each request (aesm-protocol 3). Pure: no I/O, no clock, no state.
// Everything is answered from a snapshot of the platform; GetQuoteEx alone needs the platform
// itself, so it is split in two: `decide` checks it, the caller has the quote made, `conclude`
// makes the answer.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "aesm/messages.h"
#include "base/bytes.h"
#include "base/result.h"
#include "quoting/platform.h"

namespace quoted::service {

struct RequestLimits {
  // The largest possible quote has 13346 bytes; a client may give a larger buffer and gets it
  // back padded, so its size is bounded before anything is allocated (aesm-protocol 3.6).
  std::uint32_t max_quote_buffer = 1024 * 1024;
};

struct Answer {
  base::Bytes frame;                  // the whole response, ready for one write
  std::optional<base::Error> reason;  // why the response carries an error code

  // The errorCode in the frame.
  [[nodiscard]] std::uint32_t aesm_code() const;
};

// A GetQuoteEx request that passed every check that needs no quote.
struct QuoteJob {
  quoting::QuoteRequest request;
  std::uint32_t buf_size = 0;
};

using Decision = std::variant<Answer, QuoteJob>;

[[nodiscard]] Decision decide(const aesm::Request& request,
                              const quoting::PlatformSnapshot& snapshot,
                              const RequestLimits& limits);

[[nodiscard]] Answer conclude(const QuoteJob& job, base::Result<quoting::QuoteOutput> result);

}  // namespace quoted::service
