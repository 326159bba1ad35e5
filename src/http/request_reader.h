// Reads one request after another from a connection: the header, then, when the session wants it,
// the body. Never holds more than the limits say. Private to the module: includes Beast.
#pragma once

#include <optional>

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include "http/budget.h"
#include "http/connection.h"
#include "http/head.h"

namespace quoted::http {

// Grows with what has arrived, not with what is announced.
struct GrowingBody {
  using value_type = base::Bytes;

  class reader {
   public:
    template <bool isRequest, class Fields>
    reader(boost::beast::http::header<isRequest, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>&, boost::system::error_code& error) {
      error = {};
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      std::size_t size = 0;
      for (const auto one : boost::beast::buffers_range_ref(buffers)) {
        base::append(body_, {static_cast<const std::byte*>(one.data()), one.size()});
        size += one.size();
      }
      return size;
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

// Chunk extensions mean nothing here, and are content of no limit but this one.
struct ChunkHeaderCheck {
  void operator()(std::uint64_t, boost::beast::string_view extensions,
                  boost::system::error_code& error) const;
};

class RequestReader {
 public:
  using Time = Connection::Time;

  RequestReader(Connection& connection, const Limits& limits, const Deadlines& deadlines);

  // None when the connection is over without a word: closed by the peer, idle for too long.
  [[nodiscard]] Awaitable<OrRefusal<std::optional<Head>>> next_head();
  // After a head. What is added to `reservation` covers the body.
  [[nodiscard]] Awaitable<OrRefusal<base::Bytes>> read_body(Reservation& reservation);

  // By then the first byte of the first request must have come.
  [[nodiscard]] Time first_deadline() const { return began_ + deadlines_.header; }
  // By then the request must have its answer.
  [[nodiscard]] Time request_deadline() const { return request_deadline_; }
  enum class Stage : std::uint8_t {
    kIdle,     // nothing of a request has arrived
    kReading,  // a part of it
    kServing,  // all of it, or all that is wanted
  };
  [[nodiscard]] Stage stage() const { return stage_; }
  // When the waiting or the request began.
  [[nodiscard]] Time stage_began() const { return stage_began_; }
  void begin_serving() { stage_ = Stage::kServing; }
  // The answer is sent. Told at once and not at the next head: the client that reads the answer may
  // be seen to act on it before this connection has its turn again.
  void end_serving();
  // The whole request has been read.
  [[nodiscard]] bool finished() const { return parser_ && parser_->is_done(); }
  // The client has sent more than the request that was answered.
  [[nodiscard]] bool has_more() const { return buffer_.size() > 0; }

 private:
  using Parser = boost::beast::http::request_parser<GrowingBody>;

  [[nodiscard]] Awaitable<Connection::Outcome> fill();
  // Feeds the parser; true when it needs more bytes than there are.
  [[nodiscard]] OrRefusal<bool> parse();

  Connection& connection_;
  const Limits& limits_;
  const Deadlines& deadlines_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  ChunkHeaderCheck check_chunk_header_;
  std::size_t head_bytes_ = 0;  // of this request's header, as far as it has been parsed
  std::size_t body_bytes_ = 0;  // of its body with the framing
  Time request_deadline_ = Time::max();
  Time began_ = std::chrono::steady_clock::now();
  Stage stage_ = Stage::kIdle;
  Time stage_began_ = began_;
  bool first_ = true;
};

}  // namespace quoted::http
