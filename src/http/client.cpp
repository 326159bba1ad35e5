#include "http/client.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <mutex>

#include "base/file.h"
#include "base/text.h"
#include "http/client_transfer.h"

namespace quoted::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Of the system's own bundle, the largest file that is reasonable here.
constexpr std::size_t kMaxCaFile = std::size_t{4} * 1024 * 1024;

// Handles that keep their connections for the next request; more threads than that at a time open
// connections of their own.
constexpr std::size_t kMaxIdle = 8;

struct CloseEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using EasyPtr = std::unique_ptr<CURL, CloseEasy>;

// libcurl's connections belong to a handle, and a handle to one thread at a time.
class Pool {
 public:
  [[nodiscard]] EasyPtr take() {
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        EasyPtr out = std::move(idle_.back());
        idle_.pop_back();
        return out;
      }
    }
    return EasyPtr(curl_easy_init());
  }

  void give_back(EasyPtr easy) {
    const std::scoped_lock lock(mutex_);
    if (idle_.size() < kMaxIdle) idle_.push_back(std::move(easy));
  }

 private:
  std::mutex mutex_;
  std::vector<EasyPtr> idle_;
};

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool default_port(const Url& url) { return url.port() == (url.secure() ? "443" : "80"); }

// Whoever may see the keys and tokens of a request: the service that it was addressed to.
bool same_service(const Url& a, const Url& b) {
  return equal_ignoring_case(a.host(), b.host()) &&
         (a.port() == b.port() || (default_port(a) && default_port(b)));
}

// The request as it is repeated elsewhere.
Result<Url> follow(const Url& from, const std::string& target, unsigned status,
                   ClientRequest& request) {
  const auto refused = [&](std::string_view why) {
    return fail(ErrorCode::kRedirectRefused, text(from.authority(), " answered ", status,
                                                  " and redirects to '", target, "': ", why));
  };
  auto to = Url::parse(target);
  if (!to) {
    return fail(ErrorCode::kRedirectRefused,
                text(from.authority(), " answered ", status, ": ", to.error().message()));
  }
  if (from.secure() && !to->secure()) return refused("from https to http");
  const bool repeats_as_it_was = status == 307 || status == 308;
  if (request.method != "GET" && request.method != "HEAD" && !repeats_as_it_was) {
    return refused(text("a ", request.method, " would become a GET"));
  }
  if (!same_service(from, *to)) {
    std::erase_if(request.headers, [](const Header& header) {
      return !equal_ignoring_case(header.name, "Accept") &&
             !equal_ignoring_case(header.name, "Content-Type");
    });
  }
  return to;
}

void add_offset(Timings& timings, microseconds offset) {
  for (auto* const one :
       {&timings.resolved, &timings.connected, &timings.secured, &timings.answered}) {
    if (*one) **one += offset;
  }
}

class CurlClient final : public Client {
 public:
  CurlClient(ClientOptions options, base::Bytes ca)
      : options_(std::move(options)), ca_(std::move(ca)) {}

  [[nodiscard]] Result<ClientReply> send(const ClientRequest& request, Timings* timings) override {
    Timings ignored;
    Timings& out = timings == nullptr ? ignored : *timings;
    out = {};
    EasyPtr easy = pool_.take();
    if (easy == nullptr) return fail(ErrorCode::kTransferBroken, "no memory for a request");
    auto reply = send_on(easy.get(), request, out);
    pool_.give_back(std::move(easy));
    return reply;
  }

 private:
  [[nodiscard]] Result<ClientReply> send_on(CURL* easy, ClientRequest request, Timings& timings) {
    const auto begin = Clock::now();
    QUOTED_TRY(Url url, Url::parse(request.url));
    for (unsigned redirects = 0;; ++redirects) {
      const auto gone = std::chrono::duration_cast<microseconds>(Clock::now() - begin);
      // No time at all would mean no limit to libcurl.
      const auto left =
          std::max(milliseconds(1),
                   options_.total_deadline - std::chrono::duration_cast<milliseconds>(gone));
      Transfer transfer(easy, options_, ca_, url);
      auto reply = transfer.run(request, left);
      timings = transfer.progress().timings;
      add_offset(timings, gone);
      if (!reply) return reply;
      const std::string target = transfer.redirect_target();
      if (!is_redirect(reply->status) || target.empty()) {
        if (reply->status == 407 && !url.secure()) return proxy_wants_password(url, timings);
        timings.done = std::chrono::duration_cast<microseconds>(Clock::now() - begin);
        return reply;
      }
      if (redirects >= options_.max_redirects) {
        return fail(ErrorCode::kRedirectRefused,
                    text(url.authority(), " answered ", reply->status, " and redirects to '",
                         target, "': that is redirect ", redirects + 1, ", at most ",
                         options_.max_redirects, " are followed"));
      }
      QUOTED_TRY(Url next, follow(url, target, reply->status, request));
      url = std::move(next);
    }
  }

  // Only a proxy answers so; for https libcurl ends the transfer before the endpoint is asked.
  static Result<ClientReply> proxy_wants_password(const Url& url, const Timings& timings) {
    return fail(ErrorCode::kProxyFailed,
                text("the proxy at ", timings.peer, " answered 407 when asked for ",
                     url.authority(), ": it wants a user name and a password"));
  }

  ClientOptions options_;
  base::Bytes ca_;
  Pool pool_;
};

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

base::Status check_holds_certificate(const base::Bytes& pem, const std::filesystem::path& path) {
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<X509, FreeX509> first(
      bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  if (first) return {};
  return fail(ErrorCode::kCryptoFailure, text("the CA file ", path.native(), " with ", pem.size(),
                                              " bytes holds no certificate in PEM form"));
}

}  // namespace

Result<std::unique_ptr<Client>> make_client(const ClientOptions& options) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) {
    return fail(ErrorCode::kCryptoFailure,
                text("libcurl cannot be used: ", curl_easy_strerror(started)));
  }
  base::Bytes ca;
  if (!options.ca_file.empty()) {
    auto content = base::read_file(options.ca_file, kMaxCaFile);
    if (!content) {
      return fail(ErrorCode::kFileUnreadable,
                  text("the CA file cannot be used: ", content.error().summary()));
    }
    ca = *std::move(content);
    QUOTED_CHECK(check_holds_certificate(ca, options.ca_file));
  }
  return std::unique_ptr<Client>(std::make_unique<CurlClient>(options, std::move(ca)));
}

}  // namespace quoted::http
