#include "http/server.h"

#include <algorithm>
#include <array>
#include <exception>
#include <system_error>
#include <thread>

#include "base/signals_blocked.h"
#include "base/text.h"
#include "http/loop.h"

namespace quoted::http {
namespace {

std::size_t thread_count(const ServerOptions& options) {
  if (options.threads > 0) return options.threads;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

}  // namespace

std::string_view rejection_name(Rejection rejection) {
  constexpr std::array<std::string_view, kRejectionCount> kNames{
      "connection_limit", "malformed",       "unsupported", "header_too_large",
      "body_too_large",   "timeout",         "not_found",   "method",
      "media_type",       "length_required", "overloaded"};
  return kNames.at(static_cast<std::size_t>(rejection));
}

class Server::Parts {
 public:
  Parts(ServerOptions options, Router router, std::vector<Listener> listeners,
        std::optional<TlsContext> tls, ServerObserver& observer)
      : options_(std::move(options)),
        router_(std::move(router)),
        listeners_(std::move(listeners)),
        tls_(std::move(tls)),
        loop_(listeners_, tls_ ? &*tls_ : nullptr, options_, router_, observer,
              thread_count(options_)),
        thread_([this] { loop_.run(); }) {}

  [[nodiscard]] const std::vector<Listener>& listeners() const { return listeners_; }

  void stop() {
    if (!thread_.joinable()) return;
    loop_.drain();
    thread_.join();
    loop_.end_handlers();
    listeners_.clear();
  }

 private:
  ServerOptions options_;
  Router router_;
  std::vector<Listener> listeners_;
  std::optional<TlsContext> tls_;
  Loop loop_;
  std::jthread thread_;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() { stop(); }

base::Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Router router,
                                                    ServerObserver& observer) {
  if (options.endpoints.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "no address to listen on");
  }
  std::optional<TlsContext> tls;
  if (options.tls) {
    QUOTED_TRY(tls, TlsContext::create(*options.tls));
  }
  std::vector<Listener> listeners;
  for (const Endpoint& endpoint : options.endpoints) {
    QUOTED_TRY(Listener listener, Listener::open(endpoint));
    listeners.push_back(std::move(listener));
  }
  const std::size_t threads = thread_count(options);
  try {
    const base::SignalsBlocked blocked;
    return std::unique_ptr<Server>(new Server(std::make_unique<Parts>(
        std::move(options), std::move(router), std::move(listeners), std::move(tls), observer)));
  } catch (const std::system_error& error) {
    return base::fail(base::ErrorCode::kServerResources,
                      base::text("cannot start the server with ", threads,
                                 " threads that handle requests: ", error.what()));
  } catch (const std::exception& error) {
    return base::fail(base::ErrorCode::kInternal,
                      base::text("cannot start the server: ", error.what()));
  }
}

std::vector<Endpoint> Server::endpoints() const {
  std::vector<Endpoint> out;
  for (const Listener& listener : parts_->listeners()) out.push_back(listener.endpoint());
  return out;
}

void Server::stop() { parts_->stop(); }

}  // namespace quoted::http
