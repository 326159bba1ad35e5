#include "http/router.h"

namespace quoted::http {

const Route* Router::find(std::string_view method, std::string_view path) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route& route : routes_) {
    if (route.path == path && route.method == wanted) return &route;
  }
  return nullptr;
}

std::string Router::allowed(std::string_view path) const {
  std::string out;
  for (const Route& route : routes_) {
    if (route.path != path) continue;
    if (!out.empty()) out += ", ";
    out += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return out;
}

}  // namespace quoted::http
