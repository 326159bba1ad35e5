// `quotectl verify --serve` as an operator starts it, on a port of its own.
#pragma once

#include "http/testing/raw_client.h"
#include "quotectl_fixture.h"

namespace quoted::quotectl {

using http::testing::Answer;
using http::testing::RawClient;
using http::testing::request_text;

class ServeProcess {
 public:
  // `more`: what follows the address. Throws when it does not serve.
  explicit ServeProcess(const std::vector<std::string>& more,
                        const std::string& address = "127.0.0.1:0")
      : process_(command(address, more)) {
    const auto serving = [&] { return !process_.running() || !address_in_log().empty(); };
    if (!test::Process::eventually(serving, std::chrono::seconds(60)) || !process_.running()) {
      throw std::runtime_error("the service does not serve; it said: " + process_.err());
    }
    endpoint_ = http::parse_endpoint(address_in_log()).value();
  }

  [[nodiscard]] test::Process& process() { return process_; }
  [[nodiscard]] const http::Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] RawClient connect() const { return RawClient(endpoint_); }

  [[nodiscard]] Answer get(const std::string& path) const {
    return connect().ask(request_text("GET", path));
  }
  [[nodiscard]] Answer post(std::string_view type, std::string_view body) const {
    return connect().ask(
        request_text("POST", "/v1/verify", base::text("Content-Type: ", type, "\r\n"), body));
  }
  [[nodiscard]] Answer post_quote(base::ByteView quote) const {
    return post("application/octet-stream", base::as_text(quote));
  }
  [[nodiscard]] Answer post_json(const nlohmann::ordered_json& request) const {
    return post("application/json", request.dump());
  }

  // The value of a metric, by its name and labels as they are written; -1 when it is not there.
  [[nodiscard]] double metric(const std::string& name) const {
    const std::string text = get("/metrics").body;
    const std::size_t at = text.find('\n' + name + ' ');
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  }

  [[nodiscard]] bool has_logged(const std::string& event) const {
    return process_.err().find("\"event\":\"" + event + '"') != std::string::npos;
  }

  // True once the log has a line of the event, `count` times.
  [[nodiscard]] bool logs(const std::string& event, std::size_t count = 1) const {
    return test::Process::eventually(
        [&] {
          const std::string log = process_.err();
          const std::string wanted = "\"event\":\"" + event + '"';
          std::size_t found = 0;
          for (std::size_t at = 0; (at = log.find(wanted, at)) != std::string::npos; ++at) ++found;
          return found >= count;
        },
        std::chrono::seconds(60));
  }

 private:
  static std::vector<std::string> command(const std::string& address,
                                          const std::vector<std::string>& more) {
    std::vector<std::string> out = {QUOTECTL_BINARY, "verify", "--serve", address};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  [[nodiscard]] std::string address_in_log() const {
    const std::string log = process_.err();
    const std::size_t event = log.find("\"event\":\"serving\"");
    if (event == std::string::npos) return {};
    constexpr std::string_view kField = "\"address\":\"";
    const std::size_t begin = log.find(kField, event);
    const std::size_t end = log.find('"', begin + kField.size());
    if (begin == std::string::npos || end == std::string::npos) return {};
    return log.substr(begin + kField.size(), end - begin - kField.size());
  }

  test::Process process_;
  http::Endpoint endpoint_;
};

}  // namespace quoted::quotectl
