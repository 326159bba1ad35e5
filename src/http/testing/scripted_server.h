// A server that does to each connection exactly what a test wants, on bare sockets, with TLS when a
// test gives it an identity. Every wait ends when the server goes.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"
#include "base/unique_fd.h"
#include "crypto/server_identity.h"

namespace quoted::http::testing {

// One accepted connection.
class Peer {
 public:
  Peer(int fd, SSL* tls) : fd_(fd), tls_(tls) {}

  // Up to and with the empty line; less when the client ends before.
  std::string read_head() {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      char next = 0;
      if (read(&next, 1) <= 0) break;
      head += next;
    }
    return head;
  }

  // Returns once the client has begun to speak.
  void wait_for_begin() {
    char first = 0;
    read(&first, 1);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = tls_ != nullptr
                            ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                            : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Takes the request and answers it, as it is.
  void answer(std::string_view reply) {
    read_head();
    send(reply);
  }

  void wait_for_end() {
    std::array<char, 4096> dropped{};
    while (read(dropped.data(), dropped.size()) > 0) {
    }
  }

  // The connection ends with a reset instead of an end.
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

 private:
  ssize_t read(char* into, std::size_t size) {
    if (tls_ != nullptr) return SSL_read(tls_, into, static_cast<int>(size));
    return ::recv(fd_, into, size, 0);
  }

  int fd_;
  SSL* tls_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;

  // Each connection is handled in a thread of its own. With an identity the script begins after
  // the handshake, and does not when that fails.
  explicit ScriptedServer(Script script, const crypto::ServerIdentity* identity = nullptr)
      : script_(std::move(script)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    // Any of 127.0.0.0/8 reaches it.
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 64) != 0 ||
        ::getsockname(listener_.get(), generic, &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    if (identity != nullptr) use(*identity);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
      for (const auto& one : open_) ::shutdown(one->get(), SHUT_RDWR);
    }
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    for (std::thread& one : threads_) one.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(std::string_view scheme = "http", std::string_view path = "/",
                                std::string_view host = "127.0.0.1") const {
    return base::text(scheme, "://", host, ':', port_, path);
  }

 private:
  struct FreeTls {
    void operator()(SSL* tls) const { SSL_free(tls); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* x509) const { X509_free(x509); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  template <class T>
  using Owned = std::unique_ptr<T, FreeTls>;

  void use(const crypto::ServerIdentity& identity) {
    const auto bio = [](const std::string& pem) {
      return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    };
    const Owned<X509> x509(
        PEM_read_bio_X509(bio(identity.certificate_pem).get(), nullptr, nullptr, nullptr));
    const Owned<EVP_PKEY> key(
        PEM_read_bio_PrivateKey(bio(identity.key_pem).get(), nullptr, nullptr, nullptr));
    context_.reset(SSL_CTX_new(TLS_server_method()));
    if (SSL_CTX_use_certificate(context_.get(), x509.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1) {
      throw std::runtime_error("cannot use the identity");
    }
  }

  void accept_all() {
    while (true) {
      auto connection = std::make_shared<base::UniqueFd>(
          ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection->valid()) return;
      const std::scoped_lock lock(mutex_);
      if (stopping_) return;
      open_.push_back(connection);
      threads_.emplace_back([this, connection] {
        run(connection->get());
        const std::scoped_lock done(mutex_);
        std::erase(open_, connection);
        connection->reset();
      });
    }
  }

  void run(int fd) {
    // OpenSSL writes without MSG_NOSIGNAL. For this thread alone, so that a client that raises the
    // signal is found out.
    sigset_t pipe{};
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    if (context_ == nullptr) {
      Peer peer(fd, nullptr);
      return script_(peer);
    }
    const Owned<SSL> tls(SSL_new(context_.get()));
    SSL_set_fd(tls.get(), fd);
    if (SSL_accept(tls.get()) != 1) return ERR_clear_error();
    Peer peer(fd, tls.get());
    script_(peer);
    ERR_clear_error();
  }

  Script script_;
  base::UniqueFd listener_;
  std::uint16_t port_ = 0;
  Owned<SSL_CTX> context_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<base::UniqueFd>> open_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
  std::thread acceptor_;
};

// What a server says that answers properly.
inline std::string reply_text(std::string_view status, std::string_view headers,
                              std::string_view body) {
  return base::text("HTTP/1.1 ", status, "\r\n", headers, "Content-Length: ", body.size(),
                    "\r\n\r\n", body);
}

// A port of this machine that nobody listens on: it is bound, and never listened on.
class DeadPort {
 public:
  DeadPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd_.get(), generic, size) != 0 || ::getsockname(fd_.get(), generic, &size) != 0) {
      throw std::runtime_error("cannot bind");
    }
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  base::UniqueFd fd_;
  std::uint16_t port_ = 0;
};

}  // namespace quoted::http::testing
