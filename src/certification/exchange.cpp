#include "certification/exchange.h"

#include <algorithm>

#include "config/mistakes.h"
#include "http/percent.h"

namespace quoted::certification {
namespace {

using base::ErrorCode;
using base::fail;
using base::Status;
using base::text;

constexpr unsigned kOk = 200;
constexpr unsigned kCreated = 201;
constexpr unsigned kUnauthorized = 401;
constexpr unsigned kForbidden = 403;
constexpr unsigned kNotFound = 404;
constexpr unsigned kGone = 410;
constexpr unsigned kTooManyRequests = 429;
constexpr unsigned kPlatformNotRegistered = 461;
constexpr unsigned kTcbNotCertified = 462;
constexpr unsigned kUnavailable = 503;

bool is_web_page(const http::ClientReply& reply) {
  const std::string type = http::media_type(reply.headers);
  if (type == "text/html" || type == "application/xhtml+xml") return true;
  std::string_view body = base::as_text(reply.body);
  body.remove_prefix(std::min(body.find_first_not_of(" \t\r\n\xEF\xBB\xBF"), body.size()));
  return body.starts_with('<');
}

// ", and asks to wait '30'": seconds or a date.
std::string retry_after(const http::ClientReply& reply) {
  const auto value = http::find_header(reply.headers, "Retry-After");
  return value ? text("; Retry-After is ", config::shown(*value)) : std::string();
}

// What the service says for itself, in headers or as text.
std::string words_of(const http::ClientReply& reply) {
  std::string out;
  for (const std::string_view name : {"Error-Code", "Error-Message", "Warning"}) {
    if (const auto value = http::find_header(reply.headers, name)) {
      out += text("; ", name, " is ", config::shown(*value));
    }
  }
  return text(reply.body.empty() ? std::string("no body") : excerpt(reply.body), out);
}

ErrorCode meaning_of(unsigned status, Wanted wanted) {
  switch (status) {
    case kUnauthorized:
    case kForbidden:
      return ErrorCode::kApiKeyRefused;
    case kNotFound:
      return wanted == Wanted::kPckCertificate ? ErrorCode::kPlatformUnknown
                                               : ErrorCode::kNotFoundAtSource;
    case kGone:
      return ErrorCode::kApiVersionRetired;
    case kTooManyRequests:
    case kUnavailable:
      return ErrorCode::kSourceBusy;
    case kPlatformNotRegistered:
      return ErrorCode::kPlatformUnknown;
    case kTcbNotCertified:
      return ErrorCode::kNoPckForTcb;
    default:
      return ErrorCode::kSourceFailed;
  }
}

// A page with one of these comes from a proxy in front of a service that is in trouble; with
// another it comes from somebody who is no certification service.
bool is_trouble_of_a_service(unsigned status) {
  return status == kTooManyRequests || status >= 500;
}

}  // namespace

void Target::separate() {
  const char separator = url_.find('?') == std::string::npos ? '?' : '&';
  url_ += separator;
  shown_ += separator;
}

Target& Target::with(std::string_view name, std::string_view value) {
  separate();
  const std::string pair = text(http::percent_encoded(name), '=', http::percent_encoded(value));
  url_ += pair;
  shown_ += pair;
  return *this;
}

Target& Target::with_hidden(std::string_view name, std::string_view value) {
  separate();
  url_ += text(http::percent_encoded(name), '=', http::percent_encoded(value));
  shown_ += text(http::percent_encoded(name), "=...");
  return *this;
}

std::string excerpt(base::ByteView body) {
  constexpr std::size_t kMaxExcerpt = 120;
  return config::shown(base::as_text(body.first(std::min(body.size(), kMaxExcerpt))));
}

Status check_reply(const http::ClientReply& reply, Wanted wanted) {
  const unsigned status = reply.status;
  if (is_web_page(reply) && !is_trouble_of_a_service(status)) {
    return fail(ErrorCode::kNotACertificationService,
                text("answered ", status, " with a web page: ", excerpt(reply.body)));
  }
  if (status == kOk || (status == kCreated && wanted == Wanted::kRegistration)) return {};
  if (status < 300) {
    return fail(ErrorCode::kReplyNotUnderstood,
                text("answered ", status, ", expected 200: ", words_of(reply)));
  }
  return fail(base::Error(meaning_of(status, wanted),
                          text("answered ", status, ": ", words_of(reply), retry_after(reply)))
                  .with_peer_code(status));
}

http::Headers Exchange::headers_for(const Target& target) const {
  return target.url().starts_with(origin_ + '/') ? headers_ : http::Headers();
}

base::Result<http::ClientReply> Exchange::ask(const http::ClientRequest& request,
                                              Wanted wanted) const {
  QUOTED_TRY(http::ClientReply reply, client_->send(request));
  QUOTED_CHECK(check_reply(reply, wanted));
  return reply;
}

}  // namespace quoted::certification
