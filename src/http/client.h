// An HTTP client for services that are not ours: every wait has a deadline, every size a limit, and
// a failure says at which step it happened. Proxies, trust stores and HTTP/2 are libcurl's.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "http/request.h"

namespace quoted::http {

struct ClientOptions {
  // Empty: what the environment says (https_proxy, http_proxy, no_proxy).
  std::string proxy{};
  // Empty: the system's trust store.
  std::filesystem::path ca_file{};
  // Without it anybody can answer in the endpoint's place.
  bool verify_tls = true;
  std::chrono::milliseconds connect_deadline{5'000};  // resolve, connect, proxy, TLS
  std::chrono::milliseconds total_deadline{15'000};   // until the last byte, redirects included
  std::size_t max_header_bytes = std::size_t{64} * 1024;
  std::size_t max_body_bytes = std::size_t{1024} * 1024;
  unsigned max_redirects = 3;  // never from https to http
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;  // http or https; no user name
  Headers headers{};
  base::Bytes body{};
};

// How far a request came and when, counted from its start; a step that was not reached is absent.
struct Timings {
  std::optional<std::chrono::microseconds> resolved;
  std::optional<std::chrono::microseconds> connected;
  std::optional<std::chrono::microseconds> secured;   // TLS; absent for http
  std::optional<std::chrono::microseconds> answered;  // first byte of the reply
  std::optional<std::chrono::microseconds> done;
  std::string peer;  // "127.0.0.1:8081"
};

struct ClientReply {
  unsigned status = 0;  // any: what a status means is for the caller to say
  Headers headers{};
  base::Bytes body{};
  std::string url;  // after redirects
};

// Usable from many threads.
class Client {
 public:
  virtual ~Client() = default;

  // UrlInvalid, HostNotFound, EndpointRefused, ProxyFailed, TlsFailed, TlsNotTrusted,
  // TransferTimeout, TransferBroken, ReplyTooLarge or RedirectRefused; InvalidArgument for a header
  // that would end its line. `timings` is filled also for a failure; may be null. A redirect to
  // another service takes none of the request's headers but Accept and Content-Type along.
  [[nodiscard]] virtual base::Result<ClientReply> send(const ClientRequest& request,
                                                       Timings* timings) = 0;
  [[nodiscard]] base::Result<ClientReply> send(const ClientRequest& request) {
    return send(request, nullptr);
  }
};

// CryptoFailure or FileUnreadable when `ca_file` cannot be used. It is read now: what is written to
// it later has no effect.
[[nodiscard]] base::Result<std::unique_ptr<Client>> make_client(const ClientOptions& options);

}  // namespace quoted::http
