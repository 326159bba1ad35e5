// One request and one response over a UNIX socket, bytes only (aesm-protocol 1.1 to 1.3). Blocks,
// but never beyond the time it was given. Used by this module's client, and by the replay of
// recorded conversations, which speaks in bytes as well.
#pragma once

#include <cstddef>
#include <filesystem>

#include "aesm/deadline.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace quoted::aesm {

// Connects, sends `frame` and returns the body of the answer, all within what is left of
// `deadline`; an answer of more than `max_answer` bytes is FrameTooLarge. Raises no signal,
// survives signals, and leaves nothing behind that a child process could inherit.
[[nodiscard]] base::Result<base::Bytes> exchange(const std::filesystem::path& socket,
                                                 base::ByteView frame, const Deadline& deadline,
                                                 std::size_t max_answer);

// The two halves of `exchange`, for a connection that is used more than once. `socket` is for
// messages. PeerClosed when the service ends the connection in place of an answer; after any error
// the connection is closed.
[[nodiscard]] base::Result<base::UniqueFd> connect(const std::filesystem::path& socket,
                                                   const Deadline& deadline);
[[nodiscard]] base::Result<base::Bytes> exchange_on(base::UniqueFd& connection,
                                                    const std::filesystem::path& socket,
                                                    base::ByteView frame, const Deadline& deadline,
                                                    std::size_t max_answer);

// What it means that connecting to `socket` failed with this errno. Looks at the path, because
// the kernel also answers "connection refused" for what is not a socket.
[[nodiscard]] base::Error connect_error(const std::filesystem::path& socket, int error);

}  // namespace quoted::aesm
