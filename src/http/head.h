// What is decided of a request once its header is there, before a byte of its body is read.
// Private to the module: includes Beast.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>

#include "http/refusal.h"
#include "http/target.h"

namespace quoted::http {

struct Head {
  std::string method;
  Target target;
  Headers headers;
  bool keep_alive = false;
  bool expects_continue = false;
  bool says_length = false;  // Content-Length or chunked coding
};

using BeastHeader = boost::beast::http::request_header<boost::beast::http::fields>;

// Refuses whatever two HTTP programs could read differently, because a proxy in front of this one
// may be the other (RFC 9112 sections 3.2, 6.1 and 11.2), and a target that is too long.
[[nodiscard]] OrRefusal<Head> read_head(const BeastHeader& header, std::size_t max_target_bytes);

// What Beast's parser says is wrong. `in_first_line` as long as the request line is not whole.
[[nodiscard]] Refusal parser_refusal(const boost::system::error_code& error, bool in_first_line,
                                     const Limits& limits);

}  // namespace quoted::http
