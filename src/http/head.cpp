#include "http/head.h"

#include <algorithm>

#include <boost/beast/http/error.hpp>

#include "base/text.h"

namespace quoted::http {
namespace {

namespace beast_http = boost::beast::http;
using base::ErrorCode;
using base::text;
using Field = beast_http::field;

std::string_view view(boost::beast::string_view raw) { return {raw.data(), raw.size()}; }

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

tl::unexpected<Refusal> malformed(std::string message) {
  return refuse(400, Rejection::kMalformed, ErrorCode::kHttpMalformed, std::move(message));
}

tl::unexpected<Refusal> unsupported(unsigned status, std::string message) {
  return refuse(status, Rejection::kUnsupported, ErrorCode::kHttpUnsupported, std::move(message));
}

// Letters, digits, and what RFC 3986 section 3.2 allows beside them in a host and its port.
bool is_host(std::string_view text) {
  constexpr std::string_view kMarks = "-._~%!$&'()*+,;=:[]";
  return std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_1_1(const BeastHeader& header) { return header.version() == 11; }

// How long the body is must be said once, and in one way.
OrRefusal<bool> read_framing(const BeastHeader& header) {
  const auto lengths = header.count(Field::content_length);
  const auto codings = header.count(Field::transfer_encoding);
  if (lengths + codings > 1) {
    return malformed(
        text("the request says ", lengths + codings, " times how long its body is, expected once"));
  }
  if (codings == 1) {
    if (!is_1_1(header)) return malformed("a transfer coding in a request of HTTP/1.0");
    // Any other coding, alone or beside it, would leave bytes that two readers cut differently.
    if (!equal_ignoring_case(view(header[Field::transfer_encoding]), "chunked")) {
      return unsupported(501, "the transfer coding is not 'chunked'");
    }
  }
  // Beast reads "3, 3" as 3.
  if (lengths == 1 && !is_number(view(header[Field::content_length]))) {
    return malformed("the Content-Length is no number");
  }
  return lengths + codings == 1;
}

OrRefusal<bool> read_expectation(const BeastHeader& header) {
  const std::string_view expected = view(header[Field::expect]);
  if (expected.empty() || !is_1_1(header)) return false;
  if (equal_ignoring_case(expected, "100-continue")) return true;
  return unsupported(417, "the expectation is not '100-continue'");
}

// Of a field that stands several times, all values count (RFC 9110 section 5.3).
bool keeps_alive(const BeastHeader& header) {
  bool close = false;
  bool keep = false;
  const auto [begin, end] = header.equal_range(Field::connection);
  for (auto field = begin; field != end; ++field) {
    beast_http::token_list tokens{field->value()};
    close = close || tokens.exists("close");
    keep = keep || tokens.exists("keep-alive");
  }
  return !close && (keep || is_1_1(header));
}

OrRefusal<Target> read_target(const BeastHeader& header, std::size_t max_bytes) {
  const std::string_view raw = view(header.target());
  if (raw.size() > max_bytes) {
    return refuse(414, Rejection::kHeaderTooLarge, ErrorCode::kHttpTooLarge,
                  text("the URL has ", raw.size(), " bytes, at most ", max_bytes, " are allowed"));
  }
  auto target = parse_target(raw);
  if (!target) return malformed(target.error().message());
  return *std::move(target);
}

}  // namespace

OrRefusal<Head> read_head(const BeastHeader& header, std::size_t max_target_bytes) {
  if (header.version() != 10 && header.version() != 11) {
    return unsupported(505, "the request is neither of HTTP/1.1 nor of HTTP/1.0");
  }
  const auto hosts = header.count(Field::host);
  if (hosts > 1 || (hosts == 0 && is_1_1(header))) {
    return malformed(text("the request has ", hosts, " Host headers, expected one"));
  }
  if (!is_host(view(header[Field::host]))) {
    return malformed("the Host header holds a byte that no host has");
  }
  for (const Field once : {Field::content_type, Field::expect}) {
    if (const auto count = header.count(once); count > 1) {
      return malformed(text("the request has ", count, ' ', view(beast_http::to_string(once)),
                            " headers, expected one at most"));
    }
  }
  Head out;
  auto target = read_target(header, max_target_bytes);
  if (!target) return tl::unexpected(std::move(target).error());
  out.target = *std::move(target);
  const auto framing = read_framing(header);
  if (!framing) return tl::unexpected(framing.error());
  out.says_length = *framing;
  const auto expectation = read_expectation(header);
  if (!expectation) return tl::unexpected(expectation.error());
  out.expects_continue = *expectation;

  out.method = view(header.method_string());
  for (const auto& field : header) {
    out.headers.push_back(
        {std::string(view(field.name_string())), std::string(view(field.value()))});
  }
  out.keep_alive = keeps_alive(header);
  return out;
}

Refusal parser_refusal(const boost::system::error_code& error, bool in_first_line,
                       const Limits& limits) {
  using beast_http::error::body_limit;
  using beast_http::error::buffer_overflow;
  using beast_http::error::header_limit;
  if (error == body_limit) {
    return {413, Rejection::kBodyTooLarge,
            base::Error(ErrorCode::kHttpTooLarge, text("the body has more than the ",
                                                       limits.max_body_bytes, " bytes allowed"))};
  }
  if (error == header_limit || error == buffer_overflow) {
    return {in_first_line ? 414U : 431U, Rejection::kHeaderTooLarge,
            base::Error(ErrorCode::kHttpTooLarge,
                        text(in_first_line ? "the URL" : "the header", " has more than the ",
                             limits.max_header_bytes, " bytes allowed"))};
  }
  if (error == beast_http::error::bad_version) {
    return {505, Rejection::kUnsupported,
            base::Error(ErrorCode::kHttpUnsupported,
                        "the request is neither of HTTP/1.1 nor of HTTP/1.0")};
  }
  return {400, Rejection::kMalformed, base::Error(ErrorCode::kHttpMalformed, error.message())};
}

}  // namespace quoted::http
