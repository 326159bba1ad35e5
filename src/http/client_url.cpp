#include "http/client_url.h"

#include "base/text.h"

namespace quoted::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::text;

// Longer ones are mistakes, and would make messages useless.
constexpr std::size_t kMaxSize = 8192;

struct FreeText {
  void operator()(char* part) const { curl_free(part); }
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* out = nullptr;
  const CURLUcode code = curl_url_get(url, part, &out, flags);
  const std::unique_ptr<char, FreeText> owner(out);
  return code == CURLUE_OK && out != nullptr ? std::string(out) : std::string();
}

}  // namespace

base::Result<Url> Url::parse(const std::string& input) {
  const auto refused = [](std::string_view shown, std::string_view why) {
    return fail(ErrorCode::kUrlInvalid, text("'", shown, "' is no usable URL: ", why));
  };
  if (input.size() > kMaxSize) {
    return fail(ErrorCode::kUrlInvalid, text("the URL has ", input.size(), " characters, at most ",
                                             kMaxSize, " are expected"));
  }
  Url out;
  CURLU* const url = out.handle_.get();
  if (url == nullptr) return fail(ErrorCode::kUrlInvalid, "no memory to read the URL");
  if (const CURLUcode code = curl_url_set(url, CURLUPART_URL, input.c_str(), 0);
      code != CURLUE_OK) {
    // What cannot be read may hold a password, so it is not repeated.
    if (input.find('@') != std::string::npos) {
      return fail(ErrorCode::kUrlInvalid,
                  text("the URL cannot be read: ", curl_url_strerror(code)));
    }
    return refused(input, code == CURLUE_UNSUPPORTED_SCHEME || code == CURLUE_BAD_SCHEME
                              ? "it begins neither with http:// nor with https://"
                              : curl_url_strerror(code));
  }
  const std::string scheme = part_of(url, CURLUPART_SCHEME);
  out.secure_ = scheme == "https";
  out.host_ = part_of(url, CURLUPART_HOST);
  out.port_ = part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!out.secure_ && scheme != "http") {
    return refused(text(scheme, "://", out.host_), "only http and https are spoken here");
  }
  if (!part_of(url, CURLUPART_USER).empty() || !part_of(url, CURLUPART_PASSWORD).empty()) {
    return refused(text(scheme, "://...@", out.authority()),
                   "it holds a user name or password, which logs and proxies would show");
  }
  curl_url_set(url, CURLUPART_FRAGMENT, nullptr, 0);
  out.whole_ = part_of(url, CURLUPART_URL);
  return out;
}

}  // namespace quoted::http
