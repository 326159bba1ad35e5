// A client that sends whatever bytes a test wants, in the pieces it wants. Bounded in time.
#pragma once

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <thread>

#include "aesm/codec.h"
#include "aesm/framing.h"
#include "base/byte_reader.h"
#include "base/unique_fd.h"

namespace quoted::service {

class RawClient {
 public:
  explicit RawClient(const std::filesystem::path& socket)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (!fd_.valid()) throw std::runtime_error("no socket");
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.native().copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("cannot connect to " + socket.native());
    }
  }

  // False when the other side has closed.
  bool send(base::ByteView bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return true;
  }
  bool send(const aesm::Request& request) { return send(aesm::encode_request_frame(request)); }

  // Waits until the other side has taken all that was sent.
  void await_taken() const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    int left = 1;
    while (::ioctl(fd_.get(), SIOCOUTQ, &left) == 0 && left > 0) {
      if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("nobody reads");
      std::this_thread::yield();
    }
  }

  // The body of the next frame; none when the connection ends, breaks or is silent for too long.
  std::optional<base::Bytes> receive() {
    base::Le32 size;
    if (!fill(std::as_writable_bytes(std::span(&size, 1)))) return std::nullopt;
    base::Bytes body(size);
    if (!fill(body)) return std::nullopt;
    return body;
  }

  // As many bytes as one call gives.
  base::Bytes receive_once() {
    base::Bytes buffer(65536);
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    buffer.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return buffer;
  }

  // Waits for the other side to close; false when it sends something, or neither.
  bool closed_by_peer() {
    std::byte byte{};
    const ssize_t got = ::recv(fd_.get(), &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }

  void end_of_requests() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }

 private:
  bool fill(std::span<std::byte> out) {
    while (!out.empty()) {
      const ssize_t got = ::recv(fd_.get(), out.data(), out.size(), 0);
      if (got <= 0) return false;
      out = out.subspan(static_cast<std::size_t>(got));
    }
    return true;
  }

  base::UniqueFd fd_;
};

}  // namespace quoted::service
