// A small HTTP/1.1 server for services of our own: every limit is explicit, every wait has a
// deadline, and a client that is silent, slow to send or faster than the server does not keep the
// others waiting. Clients share the limits, though: those whose requests take the whole queue, and
// those who hold all connections with requests at work or answers that they do not take, do cost
// the others theirs until a deadline ends it. So does who makes the one thread shake hands without
// end where there is TLS.
//
// One thread reads and writes; handlers run on a pool of threads behind a queue. Both are bounded:
// what does not fit is refused with 503 at once.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/endpoint.h"
#include "http/router.h"
#include "http/tls_identity.h"

namespace quoted::http {

struct Limits {
  // At the limit a new one takes the place of the one that has been idle longest, else of the
  // oldest whose request has been arriving for more than a second, and is refused when there is
  // neither. For the moment that closing takes there are a few more.
  std::size_t max_connections = 256;
  std::size_t max_header_bytes = std::size_t{16} * 1024;
  std::size_t max_target_bytes = std::size_t{4} * 1024;
  std::size_t max_body_bytes = std::size_t{1024} * 1024;
  // Of all connections together, bodies being read and bodies waiting for their handler.
  std::size_t max_buffered_bytes = std::size_t{64} * 1024 * 1024;
  std::size_t max_requests_per_connection = 1000;
  // Requests a client may send before it has read the answers; the connection ends after so many.
  std::size_t max_pipelined = 32;
  std::size_t max_queued = 128;  // requests that wait for a thread of the pool
};

struct Deadlines {
  std::chrono::milliseconds idle{60'000};  // between two requests of a connection
  // For the whole header, and for the first byte, the TLS handshake included.
  std::chrono::milliseconds header{10'000};
  std::chrono::milliseconds body{20'000};     // for the whole body
  std::chrono::milliseconds request{30'000};  // from the first byte until there is an answer
  std::chrono::milliseconds write{20'000};    // for the client to take the whole answer
  std::chrono::milliseconds drain{10'000};    // for all that is under way when the server stops
};

struct ServerOptions {
  std::vector<Endpoint> endpoints;  // at least one
  // With it TCP endpoints speak TLS, 1.2 or later, and nothing else; UNIX sockets never do.
  std::optional<TlsIdentity> tls{};
  std::size_t threads = 0;  // of the pool; 0: one per core
  Limits limits{};
  Deadlines deadlines{};
  // How the server's own refusals (404, 413 ...) are written; JSON unless set.
  std::function<Response(unsigned status, const base::Error& error)> write_error =
      &Response::of_error;
};

// Why a request or connection was refused without a handler's word.
enum class Rejection : std::uint8_t {
  kConnectionLimit,
  kMalformed,
  kUnsupported,
  kHeaderTooLarge,
  kBodyTooLarge,
  kTimeout,
  kNotFound,
  kMethod,
  kMediaType,
  kLengthRequired,
  kOverloaded,
};
inline constexpr std::size_t kRejectionCount = 11;

// "connection_limit"; fit for a metric's label.
[[nodiscard]] std::string_view rejection_name(Rejection rejection);

// What happens in a server, for metrics and logs. Called on the server's own thread, except
// failed(), which any of its threads calls; must not throw and must not block.
class ServerObserver {
 public:
  virtual ~ServerObserver() = default;
  virtual void connection_opened() {}
  virtual void connection_closed() {}
  virtual void rejected(Rejection, const base::Error&) {}
  virtual void answered(unsigned /*status*/) {}
  // A defect, or exhausted descriptors or memory. The server goes on.
  virtual void failed(std::string_view /*what*/, std::string_view /*reason*/) {}
};

class Server {
 public:
  // Serves when it returns. `observer` outlives the server. InvalidArgument without an endpoint,
  // the errors of Listener::open, and BadCertificate, BadKey or CryptoFailure for a TLS identity.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(ServerOptions options,
                                                                   Router router,
                                                                   ServerObserver& observer);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // In the order of the options, with the ports that were found free.
  [[nodiscard]] std::vector<Endpoint> endpoints() const;

  // Takes no new connections, answers the requests that are under way, closes idle connections, and
  // returns when all is done; what is not done at the drain deadline is closed. A handler that has
  // begun is waited for.
  void stop();

 private:
  class Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace quoted::http
