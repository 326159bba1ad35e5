#include "http/request_reader.h"

#include <algorithm>

#include <boost/beast/http/error.hpp>

#include "base/text.h"

namespace quoted::http {
namespace {

using base::ErrorCode;
using Outcome = Connection::Outcome;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadSize = 8192;

// What a chunked body may cost beyond its content: 64 KiB frame a full body of 1 MiB in chunks of
// a hundred bytes, and any body in larger ones.
constexpr std::size_t kMaxFramingBytes = std::size_t{64} * 1024;
constexpr std::size_t kMaxChunkExtensionBytes = 256;

Refusal too_late(std::string_view what, std::chrono::milliseconds limit) {
  return {408, Rejection::kTimeout,
          base::Error(ErrorCode::kHttpTimeout,
                      base::text(what, " did not arrive within ", limit.count(), " ms"))};
}

Refusal cut_short(std::string_view what) {
  return {400, Rejection::kMalformed,
          base::Error(ErrorCode::kHttpMalformed, base::text("the connection ended inside ", what))};
}

bool holds_folded_line(std::string_view header) {
  return header.find("\r\n ") != std::string_view::npos ||
         header.find("\r\n\t") != std::string_view::npos;
}

}  // namespace

void ChunkHeaderCheck::operator()(std::uint64_t, boost::beast::string_view extensions,
                                  boost::system::error_code& error) const {
  const bool has_control = std::ranges::any_of(extensions, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
  if (has_control || extensions.size() > kMaxChunkExtensionBytes) {
    error = boost::beast::http::error::bad_chunk_extension;
  }
}

RequestReader::RequestReader(Connection& connection, const Limits& limits,
                             const Deadlines& deadlines)
    : connection_(connection),
      limits_(limits),
      deadlines_(deadlines),
      buffer_(limits.max_header_bytes + kReadSize) {}

Awaitable<Outcome> RequestReader::fill() {
  const std::size_t room = std::min(kReadSize, buffer_.max_size() - buffer_.size());
  const auto space = buffer_.prepare(room);
  const auto received =
      co_await connection_.receive({static_cast<char*>(space.data()), space.size()});
  buffer_.commit(received.size);
  co_return received.outcome;
}

OrRefusal<bool> RequestReader::parse() {
  if (buffer_.size() == 0) return true;
  boost::system::error_code error;
  const bool in_head = !parser_->is_header_done();
  const auto data = buffer_.data();
  const std::size_t parsed = parser_->put(data, error);
  // Beast unfolds lines; another program may take each for a header of its own (RFC 9112 5.2).
  const bool folded = in_head && holds_folded_line({static_cast<const char*>(data.data()), parsed});
  buffer_.consume(parsed);
  (in_head ? head_bytes_ : body_bytes_) += parsed;
  if (folded && !error) error = boost::beast::http::error::bad_field;
  const bool needs_more = error == boost::beast::http::error::need_more;
  // Beast holds single lines, not their sum, against its limit.
  const std::size_t head_size = head_bytes_ + (needs_more ? buffer_.size() : 0);
  if ((!error || needs_more) && in_head && head_size > limits_.max_header_bytes) {
    error = boost::beast::http::error::header_limit;
  } else if (needs_more) {
    error = {};
    if (buffer_.size() >= buffer_.max_size()) error = boost::beast::http::error::header_limit;
  }
  if (!error && body_bytes_ > limits_.max_body_bytes + kMaxFramingBytes) {
    error = boost::beast::http::error::body_limit;
  }
  if (!error) return needs_more;
  return tl::unexpected(parser_refusal(error, parser_->get().method_string().empty(), limits_));
}

void RequestReader::end_serving() {
  if (buffer_.size() > 0) return;
  stage_ = Stage::kIdle;
  stage_began_ = Clock::now();
}

Awaitable<OrRefusal<std::optional<Head>>> RequestReader::next_head() {
  parser_.emplace();
  head_bytes_ = 0;
  body_bytes_ = 0;
  parser_->header_limit(static_cast<std::uint32_t>(limits_.max_header_bytes));
  parser_->body_limit(limits_.max_body_bytes);
  parser_->on_chunk_header(check_chunk_header_);

  if (buffer_.size() == 0) {
    end_serving();
    buffer_.shrink_to_fit();
    connection_.set_deadline(first_ ? first_deadline() : Clock::now() + deadlines_.idle);
    const Outcome outcome = co_await fill();
    if (outcome != Outcome::kDone) co_return std::nullopt;
  }
  stage_ = Stage::kReading;
  first_ = false;
  const auto begin = stage_began_ = Clock::now();
  request_deadline_ = begin + deadlines_.request;
  connection_.set_deadline(begin + std::min(deadlines_.header, deadlines_.request));

  while (!parser_->is_header_done()) {
    const auto needs_more = parse();
    if (!needs_more) co_return tl::unexpected(needs_more.error());
    if (!*needs_more) continue;
    const Outcome outcome = co_await fill();
    if (outcome == Outcome::kEnd) co_return tl::unexpected(cut_short("the header"));
    if (outcome == Outcome::kBroken || connection_.abandoned()) co_return std::nullopt;
    if (outcome == Outcome::kExpired) {
      co_return tl::unexpected(too_late("the header", deadlines_.header));
    }
  }
  auto head = read_head(parser_->get(), limits_.max_target_bytes);
  if (!head) co_return tl::unexpected(std::move(head).error());
  co_return std::optional<Head>(*std::move(head));
}

Awaitable<OrRefusal<base::Bytes>> RequestReader::read_body(Reservation& reservation) {
  connection_.set_deadline(std::min(Clock::now() + deadlines_.body, request_deadline_));
  parser_->eager(true);
  base::Bytes& body = parser_->get().body();
  while (!parser_->is_done()) {
    const std::size_t before = body.size();
    const auto needs_more = parse();
    if (!needs_more) co_return tl::unexpected(needs_more.error());
    if (!reservation.add(body.size() - before)) {
      co_return refuse(503, Rejection::kOverloaded, ErrorCode::kHttpOverloaded,
                       "the bodies of all requests together would be larger than is allowed");
    }
    if (!*needs_more) continue;
    const Outcome outcome = co_await fill();
    if (outcome == Outcome::kEnd || outcome == Outcome::kBroken) {
      co_return tl::unexpected(cut_short("the body"));
    }
    if (outcome == Outcome::kExpired) {
      co_return tl::unexpected(too_late("the body", deadlines_.body));
    }
  }
  begin_serving();
  co_return std::move(body);
}

}  // namespace quoted::http
