// The address that a client sends a request to, taken apart once, by the library that will use it.
// Private to the module: includes libcurl.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace quoted::http {

class Url {
 public:
  // UrlInvalid: not http or https, a user name in it, or no URL at all.
  [[nodiscard]] static base::Result<Url> parse(const std::string& text);

  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] bool secure() const { return secure_; }
  // "pccs.example:8081", for messages.
  [[nodiscard]] std::string authority() const { return host_ + ':' + port_; }
  // Without a fragment: that is never sent.
  [[nodiscard]] const std::string& whole() const { return whole_; }
  [[nodiscard]] CURLU* handle() const { return handle_.get(); }

 private:
  struct Free {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
  };
  Url() : handle_(curl_url()) {}

  std::unique_ptr<CURLU, Free> handle_;
  std::string host_;
  std::string port_;
  std::string whole_;
  bool secure_ = false;
};

}  // namespace quoted::http
