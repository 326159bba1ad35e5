#include "http/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <new>

#include "base/file.h"
#include "base/text.h"

namespace quoted::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::text;

constexpr std::size_t kMaxIdentityFile = std::size_t{1024} * 1024;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;
struct FreeX509 {
  void operator()(X509* x509) const { X509_free(x509); }
};
using X509Ptr = std::unique_ptr<X509, FreeX509>;
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

std::string first_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

// A passphrase would be asked for on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

BioPtr reader_of(const std::string& pem) {
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

base::Status use_certificates(SSL_CTX* context, const std::string& pem) {
  const BioPtr bio = reader_of(pem);
  const X509Ptr own(bio ? PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) {
    return fail(ErrorCode::kBadCertificate,
                text("the TLS certificate cannot be used: ", first_reason()));
  }
  while (true) {
    X509Ptr next(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
    if (!next) break;
    if (SSL_CTX_add0_chain_cert(context, next.get()) != 1) {
      return fail(ErrorCode::kBadCertificate,
                  text("a certificate of the TLS chain cannot be used: ", first_reason()));
    }
    (void)next.release();
  }
  // The end of the text is an error to the reader as well.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = first_reason();
  if (at_end) return {};
  return fail(ErrorCode::kBadCertificate,
              text("a certificate of the TLS chain cannot be read: ", reason));
}

base::Status use_key(SSL_CTX* context, const std::string& pem) {
  const BioPtr bio = reader_of(pem);
  const std::unique_ptr<EVP_PKEY, FreeKey> key(
      bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return fail(ErrorCode::kBadKey, text("the TLS key cannot be used: ", first_reason()));
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorCode::kBadKey,
                text("the TLS key is not that of the certificate: ", first_reason()));
  }
  return {};
}

// In the form of the extension: each name with its size before it.
constexpr std::array<unsigned char, 9> kHttp11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// The only protocol there is here; a client that offers others alone is told so.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* out = nullptr;
  if (SSL_select_next_proto(&out, chosen_size, kHttp11.data(), kHttp11.size(), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = out;
  return SSL_TLSEXT_ERR_OK;
}

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int write_socket(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  while (true) {
    const ssize_t sent =
        ::send(socket_of(bio), data, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<int>(sent);
    if (errno == EINTR) continue;
    if (errno == EAGAIN) BIO_set_retry_write(bio);
    return -1;
  }
}

int read_socket(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  while (true) {
    const ssize_t got = ::recv(socket_of(bio), into, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    if (got >= 0) return static_cast<int>(got);
    if (errno == EINTR) continue;
    if (errno == EAGAIN) BIO_set_retry_read(bio);
    return -1;
  }
}

long control_socket(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL.
const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* const out = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (out == nullptr) throw std::bad_alloc();
    BIO_meth_set_write(out, write_socket);
    BIO_meth_set_read(out, read_socket);
    BIO_meth_set_ctrl(out, control_socket);
    return out;
  }();
  return method;
}

int bounded(std::size_t size) {
  return static_cast<int>(
      std::min(size, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

}  // namespace

base::Result<TlsIdentity> read_tls_identity(const std::filesystem::path& certificate_chain,
                                            const std::filesystem::path& private_key) {
  QUOTED_TRY(const base::Bytes chain, base::read_file(certificate_chain, kMaxIdentityFile));
  QUOTED_TRY(const base::Bytes key, base::read_file(private_key, kMaxIdentityFile));
  return TlsIdentity{.certificate_chain_pem = std::string(base::as_text(chain)),
                     .private_key_pem = std::string(base::as_text(key))};
}

base::Result<TlsContext> TlsContext::create(const TlsIdentity& identity) {
  TlsContext out;
  out.context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = out.handle();
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
    return fail(ErrorCode::kCryptoFailure, text("TLS cannot be used: ", first_reason()));
  }
  SSL_CTX_set_options(
      context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // A read then ends with each record, so that a peer that sends nothing but handshake messages
  // cannot keep this thread to itself.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  ERR_clear_error();
  QUOTED_CHECK(use_certificates(context, identity.certificate_chain_pem));
  QUOTED_CHECK(use_key(context, identity.private_key_pem));
  return out;
}

TlsStream::TlsStream(const TlsContext& context, int socket) : ssl_(SSL_new(context.handle())) {
  BIO* const bio = ssl_ ? BIO_new(socket_method()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

TlsStream::Step TlsStream::step_after(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return Step::kDone;
    case SSL_ERROR_WANT_READ:
      return Step::kWantsRead;
    case SSL_ERROR_WANT_WRITE:
      return Step::kWantsWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Step::kEnd;
    default:
      break;
  }
  usable_ = false;
  reason_ = ERR_peek_error() != 0 ? first_reason() : "the connection ended";
  return Step::kBroken;
}

TlsStream::Step TlsStream::handshake() {
  ERR_clear_error();
  const Step out = step_after(SSL_do_handshake(ssl_.get()));
  usable_ = out == Step::kDone;
  return out;
}

TlsStream::Moved TlsStream::read(std::span<char> into) {
  ERR_clear_error();
  const int got = SSL_read(ssl_.get(), into.data(), bounded(into.size()));
  if (got > 0) return {Step::kDone, static_cast<std::size_t>(got)};
  return {step_after(got)};
}

TlsStream::Moved TlsStream::write(std::string_view bytes) {
  ERR_clear_error();
  const int sent = SSL_write(ssl_.get(), bytes.data(), bounded(bytes.size()));
  if (sent > 0) return {Step::kDone, static_cast<std::size_t>(sent)};
  return {step_after(sent)};
}

void TlsStream::end() {
  if (!usable_) return;
  usable_ = false;
  ERR_clear_error();
  (void)SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace quoted::http
