// Messages over a UNIX socket: four bytes of length, little-endian, then so many bytes. Whoever is
// at the other end is taken for hostile: a length is checked before memory is spent on it, and a
// whole message has one deadline, so that sending a byte now and then gains no time.
#pragma once

#include <chrono>
#include <filesystem>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace quoted::sample {

using Milliseconds = std::chrono::milliseconds;

class Channel {
 public:
  // `peer` names the other side in errors, `timeout` bounds every message.
  Channel(base::UniqueFd fd, std::string_view peer, Milliseconds timeout)
      : fd_(std::move(fd)), peer_(peer), timeout_(timeout) {}

  // Waits until somebody listens, because people start the two programs in any order; at most
  // `timeout`.
  [[nodiscard]] static base::Result<Channel> connect(const std::filesystem::path& socket,
                                                     std::string_view peer, Milliseconds timeout);

  // PeerTimeout, PeerClosed or SocketFailure.
  [[nodiscard]] base::Status send(base::ByteView message) const;

  // The same, or FrameTooLarge beyond `max_size`. `what` names the message in errors.
  [[nodiscard]] base::Result<base::Bytes> receive(std::size_t max_size,
                                                  std::string_view what) const;

 private:
  base::UniqueFd fd_;
  std::string peer_;
  Milliseconds timeout_;
};

// Listens on a path that must not exist, and removes it at the end.
class Listener {
 public:
  [[nodiscard]] static base::Result<Listener> create(const std::filesystem::path& socket);
  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&&) noexcept = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  // Waits for as long as it takes; `peer` and `timeout` are those of the channel.
  [[nodiscard]] base::Result<Channel> accept(std::string_view peer, Milliseconds timeout) const;

 private:
  Listener(base::UniqueFd fd, std::filesystem::path socket)
      : fd_(std::move(fd)), socket_(std::move(socket)) {}

  base::UniqueFd fd_;
  std::filesystem::path socket_;
};

}  // namespace quoted::sample
