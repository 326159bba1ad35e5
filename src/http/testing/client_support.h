// What tests of the client share.
#pragma once

#include <gmock/gmock.h>

#include <cstdlib>

#include "http/client.h"

namespace quoted::http::testing {

// What this machine's proxies are is of no interest here. Before threads begin.
inline void forget_proxies() {
  for (const char* const name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                 "ALL_PROXY", "no_proxy", "NO_PROXY"}) {
    ::unsetenv(name);
  }
}

inline std::unique_ptr<Client> client_of(const ClientOptions& options = {}) {
  forget_proxies();
  auto client = make_client(options);
  if (!client) throw std::runtime_error(client.error().summary());
  return *std::move(client);
}

inline base::Result<ClientReply> get(const std::string& url, const ClientOptions& options = {},
                                     Timings* timings = nullptr) {
  return client_of(options)->send(ClientRequest{.url = url}, timings);
}

// A failure with this code whose sentence holds `part`.
MATCHER_P2(FailsWith, code, part, "") {
  if (arg) {
    *result_listener << "status " << arg->status;
    return false;
  }
  *result_listener << arg.error().summary();
  return arg.error().code() == code && arg.error().message().find(part) != std::string::npos;
}

}  // namespace quoted::http::testing
