// A listening socket: bound, listening, non-blocking, its file removed at the end.
#pragma once

#include "base/unique_fd.h"
#include "http/endpoint.h"

namespace quoted::http {

class Listener {
 public:
  // AddressUnusable for TCP. For UNIX: SocketPathTooLong, SocketDirectoryMissing, NotASocket,
  // SocketInUse or SocketFailure; a socket that nobody listens on is replaced, anything else at the
  // path is left alone, and no client ever sees the socket with another mode or before it listens.
  [[nodiscard]] static base::Result<Listener> open(const Endpoint& endpoint);

  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&&) = delete;
  // Removes the file if it is still this socket's.
  ~Listener();

  // Where it really listens: the port that was found free in place of 0.
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  Listener(base::UniqueFd fd, Endpoint endpoint)
      : fd_(std::move(fd)), endpoint_(std::move(endpoint)) {}

  [[nodiscard]] static base::Result<Listener> open_tcp(const TcpEndpoint& endpoint);
  [[nodiscard]] static base::Result<Listener> open_unix(const UnixEndpoint& endpoint);

  base::UniqueFd fd_;
  Endpoint endpoint_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace quoted::http
