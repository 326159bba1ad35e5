// `quotectl verify --serve`: the options of the service, and the service from its start to its end.
#pragma once

#include "quotectl/commands.h"

namespace quoted::quotectl {

struct ServeOptions {
  std::vector<std::string> addresses;
  std::size_t max_body = std::size_t{1024} * 1024;
  std::size_t max_connections = 256;
  std::size_t threads = 0;           // 0: one per core
  std::size_t request_timeout = 30;  // seconds
  std::string log_level = "info";
  std::string socket_mode;  // octal digits; empty: the server's own default
  std::string tls_certificate;
  std::string tls_key;
  bool allow_client_collateral = false;
  bool allow_client_time = false;
};

// Those of `quotectl verify` that count here as well.
struct ServedVerification {
  std::optional<std::string> root;
  std::vector<std::string> collateral;
  std::optional<std::string> policy;
  bool intel_compat = false;
  bool allow_debug = false;
};

// --serve, and the options that are good for nothing without it.
void add_serve_options(CLI::App& command, ServeOptions& options);

// Serves until SIGTERM or SIGINT.
[[nodiscard]] base::Result<ExitCode> serve_verification(const ServeOptions& options,
                                                        const ServedVerification& verification);

}  // namespace quoted::quotectl
