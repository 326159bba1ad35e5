#include "recording/transcript.h"

#include <array>
#include <map>
#include <optional>

#include "aesm/framing.h"
#include "base/text.h"

namespace quoted::recording {
namespace {

using aesm::kFramePrefixSize;
using base::Bytes;
using base::ByteView;
using base::text;

// What one side of a connection has sent and is not yet a frame.
class Stream {
 public:
  explicit Stream(std::size_t limit) : limit_(limit) {}

  void add(ByteView bytes) { base::append(pending_, bytes); }

  // The next body, if one is whole. Nothing after a frame that is too large: where it ends, and
  // whether it is a frame at all, nobody knows.
  std::optional<Bytes> take_frame() {
    const ByteView rest = unread();
    if (!refused_.empty() || rest.size() < kFramePrefixSize) return std::nullopt;
    const auto size = aesm::decode_frame_prefix(rest.first<kFramePrefixSize>(), limit_);
    if (!size) {
      refused_ = size.error().message();
      return std::nullopt;
    }
    if (rest.size() - kFramePrefixSize < *size) return std::nullopt;
    Bytes body = base::to_bytes(rest.subspan(kFramePrefixSize, *size));
    read_ += kFramePrefixSize + *size;
    return body;
  }

  // To be called when no frame is left: what remains becomes the stream.
  void compact() {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(read_));
    read_ = 0;
  }

  [[nodiscard]] bool empty() const { return pending_.empty(); }

  [[nodiscard]] std::string reason() const {
    if (!refused_.empty()) return refused_;
    if (pending_.size() < kFramePrefixSize) {
      return text("only ", pending_.size(), " of the ", kFramePrefixSize,
                  " bytes of a length were sent");
    }
    const auto size =
        aesm::decode_frame_prefix(ByteView(pending_).first<kFramePrefixSize>(), limit_);
    return text("only ", pending_.size() - kFramePrefixSize, " of the ", size.value_or(0),
                " bytes of a message were sent");
  }

  // The bytes that are no frame. Those that may still come are none either.
  Bytes take_rest() {
    refused_ = "it follows bytes that are no frame";
    return std::exchange(pending_, {});
  }

 private:
  [[nodiscard]] ByteView unread() const { return ByteView(pending_).subspan(read_); }

  std::size_t limit_;
  Bytes pending_;
  std::size_t read_ = 0;
  std::string refused_;
};

struct Connection {
  Stream client{aesm::kMaxRequestSize};
  Stream daemon{aesm::kMaxResponseSize};

  Stream& of(Side side) { return side == Side::kClient ? client : daemon; }
};

class Assembler {
 public:
  void take(const Event& event) {
    Connection& connection = connections_[event.connection];
    Stream& stream = connection.of(event.from);
    switch (event.kind) {
      case Event::Kind::kOpen:
        return put(event, Item::Kind::kOpened, event.from);
      case Event::Kind::kData:
        stream.add(event.bytes);
        while (auto frame = stream.take_frame()) {
          put(event, Item::Kind::kFrame, event.from, *std::move(frame));
        }
        return stream.compact();
      case Event::Kind::kEnd:
        put_rest(event, connection, event.from);
        // What a client has sent until now is all that the daemon's leaving can be an answer to.
        if (event.from == Side::kDaemon) put_rest(event, connection, Side::kClient);
        return put(event, Item::Kind::kEnded, event.from);
    }
  }

  // Too many items: some were dropped.
  [[nodiscard]] bool overflowed() const { return overflowed_; }

  void finish(std::uint64_t time_us) {
    for (auto& [number, connection] : connections_) {
      const Event end = {.connection = number, .time_us = time_us, .bytes = {}};
      put_rest(end, connection, Side::kClient);
      put_rest(end, connection, Side::kDaemon);
    }
  }

  [[nodiscard]] std::vector<Item> items() && { return std::move(items_); }

 private:
  void put(const Event& at, Item::Kind kind, Side from, Bytes bytes = {}, std::string reason = {}) {
    overflowed_ = overflowed_ || items_.size() == kMaxItems;
    if (overflowed_) return;
    items_.push_back({.connection = at.connection,
                      .time_us = at.time_us,
                      .kind = kind,
                      .from = from,
                      .bytes = std::move(bytes),
                      .reason = std::move(reason)});
  }

  void put_rest(const Event& at, Connection& connection, Side side) {
    Stream& stream = connection.of(side);
    if (stream.empty()) return;
    std::string reason = stream.reason();
    put(at, Item::Kind::kDamaged, side, stream.take_rest(), std::move(reason));
  }

  std::map<std::uint32_t, Connection> connections_;
  std::vector<Item> items_;
  bool overflowed_ = false;
};

// The header is line 1, and each event has a line of its own.
tl::unexpected<base::Error> too_many(std::size_t events) {
  return base::fail(base::ErrorCode::kMalformed,
                    text("line ", events + 1, ": with it these are more than ", kMaxItems,
                         " messages and events, a transcript has at most so many"));
}

}  // namespace

base::Result<std::vector<Item>> transcript_of(const std::vector<Event>& events) {
  Assembler assembler;
  for (std::size_t i = 0; i < events.size(); ++i) {
    assembler.take(events[i]);
    if (assembler.overflowed()) return too_many(i + 1);
  }
  if (!events.empty()) assembler.finish(events.back().time_us);
  if (assembler.overflowed()) return too_many(events.size());
  return std::move(assembler).items();
}

}  // namespace quoted::recording
