// TLS on a socket that is not waited for here: every call does what is possible at once and says
// what it would have to wait for. Lives on the server's thread. Private to the module: includes
// OpenSSL.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/tls_identity.h"

namespace quoted::http {

// What all connections of a server share.
class TlsContext {
 public:
  // BadCertificate; BadKey for a key that is none, or not that of the certificate; CryptoFailure.
  [[nodiscard]] static base::Result<TlsContext> create(const TlsIdentity& identity);

  [[nodiscard]] SSL_CTX* handle() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  TlsContext() = default;
  std::unique_ptr<SSL_CTX, Free> context_;
};

class TlsStream {
 public:
  enum class Step : std::uint8_t { kDone, kEnd, kBroken, kWantsRead, kWantsWrite };
  struct Moved {
    Step step;
    std::size_t size = 0;
  };

  // On a non-blocking socket that outlives this. Throws std::bad_alloc.
  TlsStream(const TlsContext& context, int socket);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  [[nodiscard]] Step handshake();
  [[nodiscard]] Moved read(std::span<char> into);
  // After kWants... the next call must begin with the same bytes.
  [[nodiscard]] Moved write(std::string_view bytes);
  // Bytes are here that read() gives without a look at the socket.
  [[nodiscard]] bool has_pending() const { return SSL_pending(ssl_.get()) > 0; }
  // Tells the peer that nothing more will be sent, as far as the socket takes it at once.
  void end();

  // Why the last call gave kBroken.
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  [[nodiscard]] Step step_after(int result);

  std::unique_ptr<SSL, Free> ssl_;
  std::string reason_;
  bool usable_ = false;  // the handshake is done, and nothing has broken since
};

}  // namespace quoted::http
