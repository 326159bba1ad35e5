// The base address of a certification service, as people and other programs' files give it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace quoted::certification {

class ServiceUrl {
 public:
  // A trailing slash may be missing, and so may the whole path: then it is that of API version 4.
  // UrlInvalid for any other scheme than http and https, for a user name or password, a query or
  // fragment, and for what is no URL; ApiVersionRetired for a path of version 1 to 3.
  [[nodiscard]] static base::Result<ServiceUrl> parse(std::string_view url);

  [[nodiscard]] const std::string& base() const { return base_; }  // ends in '/'
  // "https://host:8081"
  [[nodiscard]] const std::string& origin() const { return origin_; }
  [[nodiscard]] const std::string& host() const { return host_; }  // lower case
  // The same service's part for TDX; nothing when no "/sgx/" tells where it would be.
  [[nodiscard]] std::optional<std::string> tdx_base() const;
  // One of Intel's own.
  [[nodiscard]] bool is_intel() const;

 private:
  ServiceUrl() = default;
  std::string base_;
  std::string origin_;
  std::string host_;
};

// Scheme and authority of a URL, "https://host:8081", and what follows. UrlInvalid as above.
struct SplitUrl {
  std::string origin;
  std::string host;  // lower case
  std::string rest;  // empty, or begins with '/'
};
[[nodiscard]] base::Result<SplitUrl> split_url(std::string_view url);

}  // namespace quoted::certification
