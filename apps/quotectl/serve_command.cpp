#include "quotectl/serve_command.h"

#include <algorithm>
#include <charconv>
#include <csignal>

#include "base/text.h"
#include "http/server.h"
#include "quotectl/serve_service.h"
#include "service/signal_set.h"
#include "simulation/simulated_enclave.h"
#include "telemetry/names.h"
#include "verification/root_file.h"

namespace quoted::quotectl {
namespace {

namespace event = telemetry::event;
using base::ErrorCode;
using base::fail;
using base::Result;
using std::chrono::milliseconds;
using std::chrono::seconds;

// "0660". A socket is connected to by those who may write it; the other bits mean nothing.
Result<mode_t> parse_socket_mode(const std::string& digits) {
  mode_t mode = 0;
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, mode, 8);
  if (error != std::errc() || rest != end || mode > 0777) {
    return fail(ErrorCode::kInvalidArgument,
                base::text("--socket-mode '", digits, "' is no octal number from 0 to 0777"));
  }
  return mode;
}

base::Status set_socket_mode(const std::string& digits, std::vector<http::Endpoint>& endpoints) {
  if (digits.empty()) return {};
  QUOTED_TRY(const mode_t mode, parse_socket_mode(digits));
  bool used = false;
  for (http::Endpoint& endpoint : endpoints) {
    if (auto* const local = std::get_if<http::UnixEndpoint>(&endpoint)) {
      local->mode = mode;
      used = true;
    }
  }
  if (used) return {};
  return fail(ErrorCode::kInvalidArgument, "--socket-mode is for --serve unix:PATH");
}

base::Status set_identity(const ServeOptions& options, http::ServerOptions& out) {
  if (options.tls_certificate.empty()) return {};
  if (std::ranges::none_of(out.endpoints, [](const http::Endpoint& endpoint) {
        return std::holds_alternative<http::TcpEndpoint>(endpoint);
      })) {
    return fail(ErrorCode::kInvalidArgument,
                "--tls-certificate is for --serve PORT and HOST:PORT; UNIX sockets are never TLS");
  }
  QUOTED_TRY(out.tls, http::read_tls_identity(options.tls_certificate, options.tls_key));
  return {};
}

Result<http::ServerOptions> server_options(const ServeOptions& options) {
  http::ServerOptions out;
  for (const std::string& address : options.addresses) {
    auto endpoint = http::parse_endpoint(address);
    if (!endpoint) return fail(std::move(endpoint).error().with_context("--serve"));
    out.endpoints.push_back(*std::move(endpoint));
  }
  QUOTED_CHECK(set_socket_mode(options.socket_mode, out.endpoints));
  QUOTED_CHECK(set_identity(options, out));
  out.threads = options.threads;
  out.limits.max_body_bytes = options.max_body;
  out.limits.max_buffered_bytes = std::max(out.limits.max_buffered_bytes, options.max_body);
  out.limits.max_connections = options.max_connections;
  const milliseconds whole = seconds(options.request_timeout);
  out.deadlines.request = whole;
  out.deadlines.header = std::min(out.deadlines.header, whole);
  out.deadlines.body = std::min(out.deadlines.body, whole);
  out.deadlines.drain = std::min(out.deadlines.drain, whole);
  return out;
}

void tell_addresses(const std::vector<http::Endpoint>& endpoints, bool with_tls,
                    telemetry::Logger& logger) {
  for (const http::Endpoint& endpoint : endpoints) {
    const std::string address = http::to_text(endpoint);
    logger.info(event::kServing, "verifies quotes", {{"address", address}});
    if (with_tls || http::is_of_this_machine(endpoint)) continue;
    logger.warning(event::kServingUnprotected,
                   "other machines reach this address, and whoever is on the way can turn a "
                   "refusal into a yes; give --tls-certificate and --tls-key",
                   {{"address", address}});
  }
}

Result<verification::TrustedRoot> trusted_root(const std::optional<std::string>& path,
                                               telemetry::Logger& logger) {
  if (!path) return verification::intel_root();
  QUOTED_TRY(auto root, verification::read_trusted_root(*path, simulation::simulated_signer()));
  if (root.qe_mr_signer == simulation::simulated_signer()) {
    logger.warning(event::kSimulatedRoot,
                   "SIMULATED-NO-SECURITY: the trusted root is that of a simulated world; its "
                   "quotes prove nothing",
                   {{"root", std::string_view(*path)}});
  }
  return root;
}

void reload(VerificationService& service, ServeMetrics& metrics, telemetry::Logger& logger) {
  const auto loaded = service.load();
  metrics.reloaded(loaded.has_value());
  if (loaded) return;
  logger.error(event::kCollateralReloadFailed, "going on with the collateral loaded before",
               {{"code", loaded.error().entry().id}, {"reason", loaded.error().summary()}});
}

}  // namespace

void add_serve_options(CLI::App& command, ServeOptions& options) {
  CLI::Option* const serve =
      command
          .add_option("--serve", options.addresses,
                      "Answer requests over HTTP instead: PORT or 127.0.0.1:PORT (0 takes a free "
                      "one), another HOST:PORT, or unix:PATH; may be given several times")
          ->type_name("ADDRESS")
          ->allow_extra_args(false);
  const auto number = [&](const char* name, std::size_t& value, const char* help, double least,
                          double most) {
    command.add_option(name, value, help)
        ->check(CLI::Range(static_cast<std::size_t>(least), static_cast<std::size_t>(most)))
        ->type_name("N")
        ->capture_default_str()
        ->needs(serve);
  };
  number("--max-body", options.max_body, "With --serve: bytes of the largest request", 1024,
         64 << 20);
  number("--max-connections", options.max_connections, "With --serve: connections at a time", 1,
         65536);
  number("--threads", options.threads, "With --serve: threads that verify; 0 is one per core", 0,
         1024);
  number("--request-timeout", options.request_timeout, "With --serve: seconds for one request", 1,
         3600);
  command
      .add_option("--socket-mode", options.socket_mode,
                  "With --serve unix:PATH: the permissions of the socket, 0600 unless given; who "
                  "may write it may connect")
      ->type_name("MODE")
      ->needs(serve);
  CLI::Option* const certificate =
      command
          .add_option("--tls-certificate", options.tls_certificate,
                      "With --serve: speak TLS, with this chain of certificates in PEM form")
          ->type_name("FILE")
          ->needs(serve);
  CLI::Option* const key =
      command.add_option("--tls-key", options.tls_key, "With --serve: the key of the certificate")
          ->type_name("FILE")
          ->needs(certificate);
  certificate->needs(key);
  command.add_option("--log-level", options.log_level, "With --serve: what is logged")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->type_name("LEVEL")
      ->capture_default_str()
      ->needs(serve);
  command
      .add_flag("--allow-client-collateral", options.allow_client_collateral,
                "With --serve: requests may bring their own collateral")
      ->needs(serve);
  command
      .add_flag("--allow-client-time", options.allow_client_time,
                "With --serve: requests may name the time of verification")
      ->needs(serve);
}

Result<ExitCode> serve_verification(const ServeOptions& options,
                                    const ServedVerification& verification) {
  if (verification.collateral.empty() && !options.allow_client_collateral) {
    return fail(ErrorCode::kInvalidArgument,
                "--serve needs --collateral, or --allow-client-collateral");
  }
  QUOTED_TRY(http::ServerOptions server_settings, server_options(options));
  // Before the first thread starts, so that signals come here and nowhere else.
  QUOTED_TRY(service::SignalSet signals, service::SignalSet::block({SIGTERM, SIGINT, SIGHUP}));
  const telemetry::SystemLogClock clock;
  telemetry::Logger logger({.level = *telemetry::parse_level(options.log_level),
                            .format = telemetry::format_for(STDERR_FILENO)},
                           clock);
  QUOTED_TRY(auto root, trusted_root(verification.root, logger));

  ServeMetrics metrics(logger);
  VerificationService service(
      {.collateral = verification.collateral,
       .policy = verification.policy,
       .verify = {.mode = verification.intel_compat ? verification::Mode::kIntel
                                                    : verification::Mode::kStrict,
                  .allow_debug = verification.allow_debug},
       .allow_client_collateral = options.allow_client_collateral,
       .allow_client_time = options.allow_client_time},
      std::move(root), metrics, logger);
  QUOTED_CHECK(service.load());
  QUOTED_TRY(const auto server,
             http::Server::start(std::move(server_settings), service.routes(), metrics));
  tell_addresses(server->endpoints(), !options.tls_certificate.empty(), logger);
  while (signals.wait() == SIGHUP) reload(service, metrics, logger);
  logger.info(event::kStopping, "requests under way still get their answer");
  server->stop();
  logger.info(event::kStopped, "stopped");
  return ExitCode::kSuccess;
}

}  // namespace quoted::quotectl
