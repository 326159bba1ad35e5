// Requests to a certification service, and what their failures mean (pcs-api 2.3, 6.3). Every error
// names the address that was asked, without what only the service should know.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/text.h"
#include "http/client.h"

namespace quoted::certification {

// What a request is for: services use one status for several things.
enum class Wanted : std::uint8_t { kPckCertificate, kDocument, kRegistration };

// An address with its query, put together piece by piece.
class Target {
 public:
  explicit Target(std::string url) : url_(std::move(url)), shown_(url_) {}
  // Values are escaped here.
  Target& with(std::string_view name, std::string_view value);
  // For secrets, and for what is too long to read: not shown.
  Target& with_hidden(std::string_view name, std::string_view value);

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const std::string& shown() const { return shown_; }

 private:
  void separate();
  std::string url_;
  std::string shown_;
};

// NotACertificationService, ApiVersionRetired, ApiKeyRefused, PlatformUnknown, NoPckForTcb,
// NotFoundAtSource, SourceBusy, SourceFailed or ReplyNotUnderstood, unless the reply has what was
// asked for.
[[nodiscard]] base::Status check_reply(const http::ClientReply& reply, Wanted wanted);

// The beginning of a body for a message.
[[nodiscard]] std::string excerpt(base::ByteView body);

class Exchange {
 public:
  // `headers` go with every request to `origin` ("https://host:8081"), and to nobody else: there
  // are keys among them.
  Exchange(std::unique_ptr<http::Client> client, std::string origin, http::Headers headers)
      : client_(std::move(client)), origin_(std::move(origin)), headers_(std::move(headers)) {}

  // What `read` makes of a good reply.
  template <class Read>
  [[nodiscard]] auto get(const Target& target, Wanted wanted, const Read& read) const {
    return exchange({"GET", target.url(), headers_for(target), {}}, target.shown(), wanted, read);
  }

  template <class Read>
  [[nodiscard]] auto post(const Target& target, http::Headers more, base::Bytes body, Wanted wanted,
                          const Read& read) const {
    const http::Headers usual = headers_for(target);
    more.insert(more.end(), usual.begin(), usual.end());
    return exchange({"POST", target.url(), std::move(more), std::move(body)}, target.shown(),
                    wanted, read);
  }

 private:
  [[nodiscard]] http::Headers headers_for(const Target& target) const;
  [[nodiscard]] base::Result<http::ClientReply> ask(const http::ClientRequest& request,
                                                    Wanted wanted) const;

  template <class Read>
  [[nodiscard]] std::invoke_result_t<Read, const http::ClientReply&> exchange(
      const http::ClientRequest& request, const std::string& shown, Wanted wanted,
      const Read& read) const {
    const auto in_context = [&](base::Error error) {
      return base::fail(std::move(error).with_context(base::text(request.method, ' ', shown)));
    };
    auto reply = ask(request, wanted);
    if (!reply) return in_context(std::move(reply).error());
    auto value = read(*reply);
    if (!value) return in_context(std::move(value).error());
    return value;
  }

  std::unique_ptr<http::Client> client_;
  std::string origin_;
  http::Headers headers_;
};

}  // namespace quoted::certification
