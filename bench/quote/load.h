// What clients ask for in the measurement: the same GetQuoteEx again and again, for a REPORT that a
// simulated enclave made.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::bench {

struct Exchange {
  base::Bytes request;          // a whole frame
  std::size_t answer_size = 0;  // of the whole frame
};

// Waits until the simulated daemon at `socket` quotes, and says what is exchanged for a quote.
[[nodiscard]] base::Result<Exchange> prepare(const std::filesystem::path& socket);

enum class Connections : std::uint8_t { kOneEach, kOneForAll };

// Sends `count` requests one after the other. Fails unless every answer has its size.
[[nodiscard]] base::Status ask(const std::filesystem::path& socket, const Exchange& exchange,
                               Connections connections, int count);

// Waits until somebody listens.
[[nodiscard]] base::Status wait_for(const std::filesystem::path& socket);

}  // namespace quoted::bench
