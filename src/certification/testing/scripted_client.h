// An HTTP client that answers from a script and notes what it was asked.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>

#include "base/text.h"
#include "http/client.h"

namespace quoted::certification::testing {

// Outlives the client, which belongs to the source under test.
struct Script {
  std::map<std::string, base::Result<http::ClientReply>> answers;  // by URL
  std::vector<http::ClientRequest> asked;

  [[nodiscard]] std::vector<std::string> urls() const {
    std::vector<std::string> out;
    std::ranges::transform(asked, std::back_inserter(out),
                           [](const http::ClientRequest& request) { return request.url; });
    return out;
  }
};

class ScriptedClient final : public http::Client {
 public:
  explicit ScriptedClient(Script& script) : script_(script) {}

  using http::Client::send;
  [[nodiscard]] base::Result<http::ClientReply> send(const http::ClientRequest& request,
                                                     http::Timings*) override {
    script_.asked.push_back(request);
    const auto answer = script_.answers.find(request.url);
    if (answer != script_.answers.end()) return answer->second;
    http::ClientReply out;
    out.status = 404;
    out.url = request.url;
    return out;
  }

 private:
  Script& script_;
};

inline std::unique_ptr<http::Client> client_of(Script& script) {
  return std::make_unique<ScriptedClient>(script);
}

inline http::ClientReply reply(unsigned status, std::string_view body, http::Headers headers = {}) {
  http::ClientReply out;
  out.status = status;
  out.body = base::to_bytes(base::as_bytes(body));
  out.headers = std::move(headers);
  return out;
}

}  // namespace quoted::certification::testing
