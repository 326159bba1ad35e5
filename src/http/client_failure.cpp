#include "http/client_failure.h"

#include <openssl/x509_vfy.h>

#include "base/file.h"
#include "base/text.h"

namespace quoted::http {
namespace {

using base::Error;
using base::ErrorCode;
using base::text;

struct Failure {
  CURLcode code;
  std::string_view curl_text;
  const Url& url;
  const ClientOptions& options;
  const Progress& progress;
  std::chrono::milliseconds time_allowed;

  [[nodiscard]] std::string_view said() const {
    return curl_text.empty() ? std::string_view(curl_easy_strerror(code)) : curl_text;
  }
  [[nodiscard]] bool connected() const { return progress.timings.connected.has_value(); }
  [[nodiscard]] bool secured() const { return progress.timings.secured.has_value(); }
};

// libcurl 7.88 does not tell whether it chose a proxy out of the environment, but names the host it
// tried, and the port is seen when the socket is made.
bool tried_proxy(const Failure& f) {
  if (!f.progress.port_tried.empty() && f.progress.port_tried != f.url.port()) return true;
  const std::string to_host = text("Failed to connect to ", f.url.host(), " port ");
  return f.curl_text.starts_with("Failed to connect to ") && !f.curl_text.starts_with(to_host);
}

Error cannot_connect(const Failure& f) {
  const std::string why = f.progress.system_error != 0
                              ? base::errno_text(static_cast<int>(f.progress.system_error))
                              : std::string(f.said());
  const std::string tried = text(f.progress.address_tried, ':', f.progress.port_tried);
  if (f.progress.address_tried.empty() && !f.options.proxy.empty()) {
    return Error(ErrorCode::kProxyFailed,
                 text("the proxy to ", f.url.authority(), " cannot be used: ", f.said()));
  }
  if (tried_proxy(f)) {
    return Error(ErrorCode::kProxyFailed, text("cannot connect to the proxy at ", tried,
                                               " on the way to ", f.url.authority(), ": ", why));
  }
  return Error(
      ErrorCode::kEndpointRefused,
      text(
          "cannot connect to ", f.url.authority(),
          f.progress.address_tried.empty() || tried == f.url.authority() ? "" : text(" at ", tried),
          ": ", why));
}

Error not_trusted(const Failure& f) {
  const long why = f.progress.verify_error;
  const bool self_signed =
      why == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT || why == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
  const std::string reason =
      why != X509_V_OK ? std::string(X509_verify_cert_error_string(why)) : std::string(f.said());
  return Error(ErrorCode::kTlsNotTrusted,
               text("the TLS certificate of ", f.url.authority(), " is not trusted: ", reason,
                    self_signed ? "; it is self-signed or of a private CA, so trust has to be"
                                  " given to it by name"
                                : ""));
}

std::string_view slow_step(const Failure& f, bool to_proxy) {
  const Timings& done = f.progress.timings;
  if (!done.resolved) return "resolving the name took longer than";
  if (!f.connected()) {
    return to_proxy ? "connecting to the proxy took longer than" : "connecting took longer than";
  }
  if (f.url.secure() && !f.secured()) {
    return to_proxy && f.progress.proxy_status == 0 ? "the proxy did not answer within"
                                                    : "the TLS handshake took longer than";
  }
  if (!done.answered) return "no reply came within";
  return "the reply was not whole within";
}

Error timed_out(const Failure& f) {
  const bool connecting = !f.connected() || (f.url.secure() && !f.secured());
  const auto limit =
      connecting ? std::min(f.options.connect_deadline, f.time_allowed) : f.time_allowed;
  const std::string got =
      f.progress.timings.answered ? text(", ", f.progress.body_bytes, " bytes came") : "";
  return Error(
      ErrorCode::kTransferTimeout,
      text(f.url.authority(), ": ", slow_step(f, tried_proxy(f)), ' ', limit.count(), " ms", got));
}

Error too_large(const Failure& f) {
  if (f.progress.header_too_large) {
    return Error(ErrorCode::kReplyTooLarge,
                 text("the header of the reply of ", f.url.authority(), " has more than ",
                      f.options.max_header_bytes, " bytes"));
  }
  const std::string seen = f.progress.announced_bytes >= 0
                               ? text(f.progress.announced_bytes)
                               : text("at least ", f.progress.body_bytes);
  return Error(ErrorCode::kReplyTooLarge,
               text("the reply of ", f.url.authority(), " has ", seen, " bytes, at most ",
                    f.options.max_body_bytes, " are expected"));
}

Error broken(const Failure& f) {
  const long proxy_status = f.progress.proxy_status;
  if (proxy_status != 0 && (proxy_status < 200 || proxy_status > 299)) {
    return Error(ErrorCode::kProxyFailed,
                 text("the proxy at ", f.progress.timings.peer, " answered ", proxy_status,
                      " when asked for ", f.url.authority(), ", expected 200"));
  }
  if (f.url.secure() && !f.secured()) {
    if (tried_proxy(f) && proxy_status == 0) {
      return Error(ErrorCode::kProxyFailed,
                   text("the proxy at ", f.progress.timings.peer, " on the way to ",
                        f.url.authority(), " did not answer as a proxy does: ", f.said()));
    }
    return Error(ErrorCode::kTlsFailed,
                 text("the TLS handshake with ", f.url.authority(), " failed: ", f.said()));
  }
  return Error(ErrorCode::kTransferBroken,
               text("the exchange with ", f.url.authority(), " broke ",
                    f.progress.timings.answered
                        ? text("after ", f.progress.body_bytes, " bytes of the reply's body")
                        : std::string("before a reply"),
                    ": ", f.said()));
}

}  // namespace

Error transfer_error(CURLcode code, std::string_view curl_text, const Url& url,
                     const ClientOptions& options, const Progress& progress,
                     std::chrono::milliseconds time_allowed) {
  const Failure f{code, curl_text, url, options, progress, time_allowed};
  if (progress.header_too_large || progress.body_too_large) return too_large(f);
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return Error(ErrorCode::kUrlInvalid, text("'", url.whole(), "': ", f.said()));
    case CURLE_COULDNT_RESOLVE_HOST:
      return Error(ErrorCode::kHostNotFound,
                   text("the name '", url.host(), "' cannot be resolved to an address"));
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Error(ErrorCode::kProxyFailed,
                   text("on the way to ", url.authority(), ": ", f.said()));
    case CURLE_PROXY:
      return Error(ErrorCode::kProxyFailed,
                   text("the proxy does not forward to ", url.authority(), ": ", f.said()));
    case CURLE_COULDNT_CONNECT:
      return cannot_connect(f);
    case CURLE_OPERATION_TIMEDOUT:
      return timed_out(f);
    case CURLE_PEER_FAILED_VERIFICATION:
      return not_trusted(f);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_USE_SSL_FAILED:
      return Error(ErrorCode::kTlsFailed,
                   text("the TLS handshake with ", url.authority(), " failed: ", f.said()));
    case CURLE_FILESIZE_EXCEEDED:
      return too_large(f);
    case CURLE_UNSUPPORTED_PROTOCOL:
      // The schemes were checked before, so this is about the reply.
      return Error(
          ErrorCode::kTransferBroken,
          text(url.authority(), " answered with something that is no HTTP reply: ", f.said()));
    default:
      return broken(f);
  }
}

}  // namespace quoted::http
