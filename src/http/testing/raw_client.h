// A client that sends exactly the bytes a test wants, in the pieces it wants, and reads answers.
// Every wait is bounded.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/text.h"
#include "base/unique_fd.h"
#include "http/endpoint.h"
#include "http/request.h"

namespace quoted::http::testing {

struct Answer {
  int status = 0;
  Headers headers;
  std::string body;

  [[nodiscard]] std::string header(std::string_view name) const {
    return std::string(find_header(headers, name).value_or(""));
  }
};

// A whole request; the body, when there is one, with its length.
inline std::string request_text(std::string_view method, std::string_view target,
                                std::string_view more_headers = "", std::string_view body = "") {
  std::string out = base::text(method, ' ', target, " HTTP/1.1\r\nHost: test\r\n", more_headers);
  if (!body.empty()) out += base::text("Content-Length: ", body.size(), "\r\n");
  return out + "\r\n" + std::string(body);
}

class RawClient {
 public:
  explicit RawClient(const Endpoint& endpoint) {
    if (const auto* local = std::get_if<UnixEndpoint>(&endpoint)) {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      local->path.native().copy(address.sun_path, sizeof address.sun_path - 1);
      connect(AF_UNIX, &address, sizeof address);
    } else {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(std::get<TcpEndpoint>(endpoint).port);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      connect(AF_INET, &address, sizeof address);
    }
  }

  // False when the server has closed the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void half_close() { ::shutdown(fd_.get(), SHUT_WR); }

  // The next answer; none when the connection ends before it is whole. An answer to HEAD is without
  // the body that it announces.
  std::optional<Answer> read_answer(bool with_body = true) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return std::nullopt;
    }
    Answer out = parse_head(buffer_.substr(0, end + 2));
    buffer_.erase(0, end + 4);
    const std::string length = out.header("Content-Length");
    const std::size_t size = with_body && !length.empty() ? std::stoul(length) : 0;
    while (buffer_.size() < size) {
      if (!fill()) return std::nullopt;
    }
    out.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return out;
  }

  // Sends a request and reads the answer. Throws when there is none.
  Answer ask(std::string_view request, bool with_body = true) {
    send(request);
    auto answer = read_answer(with_body);
    if (!answer) throw std::runtime_error("the connection ended without an answer");
    return *std::move(answer);
  }

  // True once the server has closed the connection; what it sent before is dropped.
  bool reaches_end() {
    while (fill()) buffer_.clear();
    return ended_;
  }

  // All that comes until the connection ends.
  std::string read_to_end() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
  }

 private:
  template <class Address>
  void connect(int family, const Address* address, socklen_t size) {
    fd_.reset(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(address), size) != 0) {
      throw std::runtime_error(base::text("cannot connect: error ", errno));
    }
  }

  // False at the end, after a reset, and when nothing comes for a minute.
  bool fill() {
    std::array<char, 16384> chunk{};
    ssize_t got = 0;
    do {
      got = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
    } while (got < 0 && errno == EINTR);
    ended_ = got == 0 || (got < 0 && errno != EAGAIN);
    if (got <= 0) return false;
    buffer_.append(chunk.data(), static_cast<std::size_t>(got));
    return true;
  }

  static Answer parse_head(std::string_view head) {
    Answer out;
    out.status = std::stoi(std::string(head.substr(head.find(' ') + 1, 3)));
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
      const std::size_t end = head.find("\r\n", at);
      const std::string_view line = head.substr(at, end - at);
      const std::size_t colon = line.find(": ");
      out.headers.push_back(
          {std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
      at = end + 2;
    }
    return out;
  }

  base::UniqueFd fd_;
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace quoted::http::testing
