#include "certification/service_url.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "config/mistakes.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using config::shown;

constexpr std::size_t kMaxUrl = 2048;
constexpr std::string_view kVersion4Path = "/sgx/certification/v4/";

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_address_character(char c) {
  return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

bool is_port(std::string_view digits) {
  unsigned port = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), port);  // NOLINT
  return error == std::errc() && end == digits.data() + digits.size() && port > 0 && port < 65536;
}

Result<std::string> host_of(std::string_view authority) {
  const std::string name = lower(authority);
  std::string_view host = name;
  std::string_view port;
  bool good = false;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    port = end == std::string_view::npos ? std::string_view() : host.substr(end + 1);
    host = host.substr(1, end == std::string_view::npos ? 0 : end - 1);
    good = std::ranges::all_of(host, is_address_character);
  } else {
    const std::size_t colon = std::min(host.find(':'), host.size());
    port = host.substr(colon);
    host = host.substr(0, colon);
    good = std::ranges::all_of(host, is_host_character);
  }
  if (host.empty()) return fail(ErrorCode::kUrlInvalid, "the URL names no host");
  if (!good) return fail(ErrorCode::kUrlInvalid, text("the URL has the host ", shown(authority)));
  if (!port.empty() && !is_port(port.substr(1))) {
    return fail(ErrorCode::kUrlInvalid,
                text("the URL has the port ", shown(port.substr(1)), ", expected 1 to 65535"));
  }
  return std::string(host);
}

// A segment "v3" of the path.
std::optional<std::string_view> retired_version(std::string_view path) {
  for (const std::string_view version : {"v1", "v2", "v3"}) {
    if (path.find(text('/', version, '/')) != std::string_view::npos) return version;
  }
  return std::nullopt;
}

}  // namespace

Result<SplitUrl> split_url(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos || url.size() > kMaxUrl) {
    return fail(ErrorCode::kUrlInvalid,
                text("the URL is ", shown(url), ", expected https://host:port/path/"));
  }
  const std::string scheme = lower(url.substr(0, colon));
  if (scheme != "http" && scheme != "https") {
    return fail(ErrorCode::kUrlInvalid,
                text("the URL has the scheme ", shown(scheme), ", expected https or http"));
  }
  const std::string_view after = url.substr(colon + 3);
  const std::size_t end = std::min(after.find_first_of("/?#"), after.size());
  const std::string_view authority = after.substr(0, end);
  // Not shown: it may be a password.
  if (authority.find('@') != std::string_view::npos) {
    return fail(ErrorCode::kUrlInvalid,
                "the URL has a user name or password in it, which would end in logs; keys and "
                "tokens go into files of their own");
  }
  SplitUrl out;
  QUOTED_TRY(out.host, host_of(authority));
  out.origin = text(scheme, "://", lower(authority));
  out.rest = after.substr(end);
  if (!std::ranges::all_of(out.rest, [](char c) { return c > ' ' && c <= '~'; })) {
    return fail(ErrorCode::kUrlInvalid,
                text("the URL has a blank or a foreign character in its path ", shown(out.rest)));
  }
  return out;
}

Result<ServiceUrl> ServiceUrl::parse(std::string_view url) {
  QUOTED_TRY(SplitUrl split, split_url(url));
  std::string path = std::move(split.rest);
  if (path.find_first_of("?#") != std::string::npos) {
    return fail(ErrorCode::kUrlInvalid,
                "the URL has a query or fragment, while requests are appended to it; parameters "
                "are settings of their own");
  }
  if (path.empty() || path == "/") path = kVersion4Path;
  if (!path.ends_with('/')) path += '/';
  if (const auto version = retired_version(path)) {
    return fail(ErrorCode::kApiVersionRetired,
                text("the URL ", shown(url), " names version ", version->substr(1),
                     " of the API, which is retired; expected one that ends in ", kVersion4Path));
  }
  ServiceUrl out;
  out.base_ = split.origin + path;
  out.origin_ = std::move(split.origin);
  out.host_ = std::move(split.host);
  return out;
}

std::optional<std::string> ServiceUrl::tdx_base() const {
  constexpr std::string_view kSgx = "/sgx/";
  const std::size_t at = base_.rfind(kSgx);
  if (at == std::string::npos) return std::nullopt;
  return text(base_.substr(0, at), "/tdx/", base_.substr(at + kSgx.size()));
}

bool ServiceUrl::is_intel() const { return host_.ends_with(".trustedservices.intel.com"); }

}  // namespace quoted::certification
