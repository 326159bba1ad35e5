// A server with a handler of each kind, and a record of what it observed.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "http/server.h"
#include "http/testing/raw_client.h"

namespace quoted::http::testing {

class Counts final : public ServerObserver {
 public:
  void connection_opened() override { ++opened; }
  void connection_closed() override { ++closed; }
  void rejected(Rejection why, const base::Error&) override {
    ++rejections.at(static_cast<std::size_t>(why));
  }
  void answered(unsigned) override { ++answers; }
  void failed(std::string_view, std::string_view) override { ++failures; }

  [[nodiscard]] int of(Rejection why) const { return rejections.at(static_cast<std::size_t>(why)); }

  std::atomic<int> opened{0};
  std::atomic<int> closed{0};
  std::atomic<int> answers{0};
  std::atomic<int> failures{0};
  std::array<std::atomic<int>, kRejectionCount> rejections{};
};

// Handlers wait here until a test lets them go on.
class Gate {
 public:
  void enter() {
    std::unique_lock lock(mutex_);
    ++inside_;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(60), [this] { return open_; });
    ++left_;
  }
  [[nodiscard]] int left() {
    const std::scoped_lock lock(mutex_);
    return left_;
  }
  // True once `count` handlers have come.
  bool wait_for(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return inside_ >= count; });
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  int left_ = 0;
  bool open_ = false;
};

class TestServer {
 public:
  explicit TestServer(ServerOptions options = {}) {
    if (options.endpoints.empty()) options.endpoints = {TcpEndpoint{}};
    if (options.threads == 0) options.threads = 2;
    auto started = Server::start(std::move(options), routes(), counts);
    if (!started) throw std::runtime_error(started.error().summary());
    server = *std::move(started);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer() { gate.open(); }

  [[nodiscard]] Endpoint endpoint() const { return server->endpoints().front(); }
  [[nodiscard]] RawClient connect() const { return RawClient(endpoint()); }

  // The whole of a request and its answer, on a connection of its own.
  [[nodiscard]] Answer ask(std::string_view request, bool with_body = true) const {
    return connect().ask(request, with_body);
  }

  Counts counts;
  Gate gate;
  std::unique_ptr<Server> server;

 private:
  Router routes() {
    Router out;
    out.add({.method = "GET",
             .path = "/light",
             .handler = [](const Request&) { return Response::of_type("text/plain", "light"); },
             .work = Work::kLight});
    out.add({.method = "GET", .path = "/query", .handler = [](const Request& request) {
               std::string body;
               for (const auto& one : request.query) body += one.name + '=' + one.value + ';';
               return Response::of_type("text/plain", body);
             }});
    out.add({.method = "POST", .path = "/echo", .handler = [](const Request& request) {
               return Response::of_type("text/plain", std::string(base::as_text(request.body)));
             }});
    out.add({.method = "POST",
             .path = "/strict",
             .handler = [](const Request&) { return Response::of_type("text/plain", "taken"); },
             .needs_body = true,
             .media_types = {"application/json"}});
    out.add({.method = "POST", .path = "/gate", .handler = [this](const Request&) {
               gate.enter();
               return Response::of_type("text/plain", "through");
             }});
    out.add({.method = "GET", .path = "/throw", .handler = [](const Request&) -> Response {
               throw std::runtime_error("on purpose");
             }});
    out.add({.method = "GET", .path = "/hang-up", .handler = [](const Request&) {
               Response response = Response::of_type("text/plain", "never seen");
               response.hang_up = true;
               return response;
             }});
    out.add({.method = "GET", .path = "/large", .handler = [](const Request&) {
               return Response::of_type("text/plain", std::string(std::size_t{8} << 20U, 'x'));
             }});
    out.add({.method = "GET", .path = "/inject", .handler = [](const Request& request) {
               Response response;
               response.headers = {{"X-Echo", std::string(request.parameter("v").value_or(""))},
                                   {"X-Bad", "a\r\nX-Injected: 1"}};
               return response;
             }});
    return out;
  }
};

}  // namespace quoted::http::testing
