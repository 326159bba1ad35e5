// ResponseTo<InitQuoteExRequest> is InitQuoteExResponse: which response belongs to a request.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

#include "aesm/messages.h"

namespace quoted::service {

template <class Request>
constexpr std::size_t request_index() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return ((std::is_same_v<Request, std::variant_alternative_t<I, aesm::Request>> ? I : 0) + ...);
  }(std::make_index_sequence<std::variant_size_v<aesm::Request>>{});
}

// messages.h promises the same order in both.
template <class Request>
using ResponseTo = std::variant_alternative_t<request_index<Request>(), aesm::Response>;

}  // namespace quoted::service
