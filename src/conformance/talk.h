// One connection as a client has it: writes as it sends them, and what comes back, with how it
// came.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace quoted::conformance {

struct Reply {
  enum class Kind : std::uint8_t {
    kFrame,    // `body` is behind a length prefix that tells its size
    kClosed,   // without a byte
    kBroken,   // something else; `trouble` says what
    kTimeout,  // nothing, or not all, came in time
  };
  Kind kind = Kind::kBroken;
  base::Bytes body;
  // In how many reads the body came. What a daemon writes at once on a UNIX socket comes in one
  // read; Intel's client garbles what comes in many (aesm-protocol 1.2).
  std::size_t body_reads = 0;
  std::string trouble;
};

// Fails only when there is no connection.
[[nodiscard]] base::Result<Reply> talk(const std::filesystem::path& socket,
                                       const std::vector<base::Bytes>& writes, bool half_close,
                                       std::chrono::milliseconds timeout);

}  // namespace quoted::conformance
