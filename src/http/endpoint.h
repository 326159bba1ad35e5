// Where a server listens.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace quoted::http {

// Of this machine alone unless another address is given. "::" takes IPv6 connections alone: who
// wants both families names 0.0.0.0 as well, so that an address means the same on every machine.
struct TcpEndpoint {
  std::string address = "127.0.0.1";  // numeric, without brackets
  std::uint16_t port = 0;             // 0: any that is free
};

struct UnixEndpoint {
  std::filesystem::path path;
  mode_t mode = 0600;
};

using Endpoint = std::variant<TcpEndpoint, UnixEndpoint>;

// "8081" and ":8081" (loopback), "127.0.0.1:8081", "[::1]:8081", "unix:/path". InvalidArgument for
// anything else, host names among them: what a name means is decided elsewhere.
[[nodiscard]] base::Result<Endpoint> parse_endpoint(std::string_view text);

// True when nobody on another machine can connect to it.
[[nodiscard]] bool is_of_this_machine(const Endpoint& endpoint);

// As parse_endpoint reads it.
[[nodiscard]] std::string to_text(const Endpoint& endpoint);

}  // namespace quoted::http
