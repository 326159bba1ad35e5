// Which handler answers which request: an exact path and a method.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/response.h"

namespace quoted::http {

// Called on any thread of the pool, several at a time. An exception is answered with 500.
using Handler = std::function<Response(const Request&)>;

enum class Work : std::uint8_t {
  kHeavy,  // on a thread of the pool, after a wait in its queue; refused when that is full
  kLight,  // at once on the thread that reads requests: microseconds, so that it is answered
           // under any load (health, metrics)
};

struct Route {
  std::string method;
  std::string path;
  Handler handler;
  Work work = Work::kHeavy;
  bool needs_body = false;                 // 411 for a request that does not say how long it is
  std::vector<std::string> media_types{};  // of the body, in lower case; 415 for others; empty: any
};

class Router {
 public:
  // A second route of the same method and path is never reached.
  void add(Route route) { routes_.push_back(std::move(route)); }

  // Null when there is none. A HEAD request is answered by the route for GET.
  [[nodiscard]] const Route* find(std::string_view method, std::string_view path) const;

  // "GET, HEAD, POST": what the path takes, for the header Allow; empty for an unknown path.
  [[nodiscard]] std::string allowed(std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace quoted::http
