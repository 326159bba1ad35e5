#include "quoted-pcs/servers.h"

#include "base/text.h"
#include "telemetry/names.h"

namespace quoted::pcs {
namespace {

namespace event = telemetry::event;
using simulation::Dialect;

// No request of this interface is larger, registrations included.
constexpr std::size_t kMaxBody = std::size_t{64} * 1024;

// Every request with its answer: what a person looks at who connects a client for the first time.
simulation::PcsObserver logging(std::string_view dialect, telemetry::Logger& logger) {
  return [dialect, &logger](const http::Request& request, const http::Response& answer) {
    logger.info(event::kPcsAnswered, "answered",
                {{"dialect", dialect},
                 {"method", std::string_view(request.method)},
                 {"path", std::string_view(request.path)},
                 {"status", static_cast<std::int64_t>(answer.status)},
                 {"request_id", http::find_header(answer.headers, "Request-ID").value_or("")}});
  };
}

base::Result<std::unique_ptr<http::Server>> start_one(
    const Options& options, const http::Endpoint& endpoint, Dialect dialect,
    const Servers::Routes& routes, telemetry::Logger& logger, http::ServerObserver& observer) {
  http::ServerOptions server;
  server.endpoints = {endpoint};
  server.threads = options.threads;
  server.limits.max_body_bytes = kMaxBody;
  // Longer than the slowest that an endpoint can be made.
  server.deadlines.request = std::chrono::seconds(simulation::kMaxFaultSeconds + 30);
  if (options.tls_certificate && options.tls_key) {
    QUOTED_TRY(server.tls, http::read_tls_identity(*options.tls_certificate, *options.tls_key));
  }
  server.write_error = [dialect](unsigned status, const base::Error& error) {
    return simulation::PcsService::write_error(dialect, status, error);
  };
  return http::Server::start(
      std::move(server),
      routes(dialect, logging(dialect == Dialect::kPcs ? "pcs" : "pccs", logger)), observer);
}

std::string address_of(const http::Server& server, bool secured) {
  const http::Endpoint endpoint = server.endpoints().front();
  const bool is_tcp = std::holds_alternative<http::TcpEndpoint>(endpoint);
  return base::text(!is_tcp ? "" : secured ? "https://" : "http://", http::to_text(endpoint));
}

}  // namespace

base::Result<std::unique_ptr<Servers>> Servers::start(const Options& options, const Routes& routes,
                                                      telemetry::Logger& logger) {
  std::unique_ptr<Servers> out(new Servers(logger, options.tls_certificate.has_value()));
  QUOTED_TRY(out->pcs_,
             start_one(options, options.listen, Dialect::kPcs, routes, logger, out->log_));
  QUOTED_TRY(out->pccs_,
             start_one(options, options.listen_pccs, Dialect::kPccs, routes, logger, out->log_));
  return out;
}

std::string Servers::address(Dialect dialect) const {
  return address_of(dialect == Dialect::kPcs ? *pcs_ : *pccs_, secured_);
}

void Servers::stop() {
  pcs_->stop();
  pccs_->stop();
}

void Servers::Log::rejected(http::Rejection why, const base::Error& error) {
  logger_.info(event::kHttpRejected, "a request or connection was refused",
               {{"why", http::rejection_name(why)},
                {"code", error.entry().id},
                {"reason", std::string_view(error.message())}});
}

void Servers::Log::failed(std::string_view what, std::string_view reason) {
  logger_.error(event::kHttpFailed, "the server goes on after a failure",
                {{"what", what}, {"reason", reason}});
}

}  // namespace quoted::pcs
