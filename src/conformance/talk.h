// One connection as a client has it: writes as it sends them, and what comes back, with how it
// came.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/unique_fd.h"

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

// No answer is larger, but for the bytes that its request had room for.
inline constexpr std::size_t kMaxAnswer = std::size_t{64} * 1024;

struct Words {
  std::vector<base::Bytes> writes;
  bool half_close = false;
  bool leaves = false;  // and takes no answer: the reply is kClosed
};

// Fails only when there is no connection. An answer of more than `max_answer` bytes is broken.
[[nodiscard]] base::Result<Reply> talk(const std::filesystem::path& socket, const Words& words,
                                       std::chrono::milliseconds timeout, std::size_t max_answer);

// For how many bytes the request has room, as it says; 0 for what is no such request.
[[nodiscard]] std::size_t room_in(const std::vector<base::Bytes>& writes);

// Connections that have sent these bytes and wait; they end with the object. Fails when one of them
// does not come about in time.
[[nodiscard]] base::Result<std::vector<base::UniqueFd>> open_neighbours(
    const std::filesystem::path& socket, const std::vector<base::Bytes>& sent,
    std::chrono::milliseconds timeout);

}  // namespace quoted::conformance
