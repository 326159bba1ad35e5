#include "http/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <charconv>

#include "base/text.h"

namespace quoted::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;

constexpr std::string_view kUnixPrefix = "unix:";

bool is_numeric(int family, const std::string& address) {
  std::array<unsigned char, 16> ignored{};
  return ::inet_pton(family, address.c_str(), ignored.data()) == 1;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view input) {
  const auto refused = [&](std::string_view why) {
    return fail(ErrorCode::kInvalidArgument,
                text("'", input, "' is no address to listen on: ", why,
                     "; expected HOST:PORT with a numeric host, PORT, or unix:PATH"));
  };
  if (input.find('\0') != std::string_view::npos) return refused("it holds a NUL");
  if (input.starts_with(kUnixPrefix)) {
    const std::string_view path = input.substr(kUnixPrefix.size());
    if (path.empty()) return refused("the path is empty");
    return UnixEndpoint{.path = path};
  }
  TcpEndpoint out;
  const std::size_t colon = input.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? input : input.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc() || end != port.data() + port.size()) {
    return refused("the port is no number from 0 to 65535");
  }
  std::string_view host = colon == std::string_view::npos ? "" : input.substr(0, colon);
  if (host.empty()) return out;
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  out.address = host;
  if (!is_numeric(bracketed ? AF_INET6 : AF_INET, out.address)) {
    return refused(bracketed ? "the host is no IPv6 address" : "the host is no IPv4 address");
  }
  return out;
}

bool is_of_this_machine(const Endpoint& endpoint) {
  const auto* const tcp = std::get_if<TcpEndpoint>(&endpoint);
  if (tcp == nullptr) return true;
  in_addr v4{};
  if (::inet_pton(AF_INET, tcp->address.c_str(), &v4) == 1) {
    return ntohl(v4.s_addr) >> 24U == IN_LOOPBACKNET;
  }
  in6_addr v6{};
  return ::inet_pton(AF_INET6, tcp->address.c_str(), &v6) == 1 &&
         (IN6_IS_ADDR_LOOPBACK(&v6) != 0 ||
          (IN6_IS_ADDR_V4MAPPED(&v6) != 0 && v6.s6_addr[12] == IN_LOOPBACKNET));
}

std::string to_text(const Endpoint& endpoint) {
  if (const auto* local = std::get_if<UnixEndpoint>(&endpoint)) {
    return text(kUnixPrefix, local->path.native());
  }
  const auto& tcp = std::get<TcpEndpoint>(endpoint);
  const bool v6 = tcp.address.find(':') != std::string::npos;
  return text(v6 ? "[" : "", tcp.address, v6 ? "]:" : ":", tcp.port);
}

}  // namespace quoted::http
