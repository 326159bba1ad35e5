#include "recording/replay.h"

#include <algorithm>
#include <deque>
#include <map>
#include <variant>

#include "aesm/codec.h"
#include "aesm/framing.h"
#include "aesm/transport.h"
#include "base/text.h"
#include "recording/compare_answers.h"

namespace quoted::recording {
namespace {

using aesm::Deadline;
using base::Bytes;
using base::ByteView;
using base::ErrorCode;
using base::Result;
using base::Status;
using base::text;

constexpr std::string_view kNoAnswer = "the connection is closed without an answer";

// What the recorded daemon did about a request.
struct Answered {
  ByteView body;
};
struct Closed {};
struct Unknown {
  std::string why;
};
using Reaction = std::variant<Answered, Closed, Unknown>;

struct Conversation {
  std::size_t requests = 0;
  std::deque<Reaction> reactions;  // to the requests in their order: the protocol answers in order
  bool client_left = false;

  void hear(const Item& item) {
    if (item.kind == Item::Kind::kOpened) return;
    if (item.from == Side::kDaemon) return hear_daemon(item);
    if (item.kind == Item::Kind::kEnded) {
      client_left = true;
    } else {
      ++requests;
    }
  }

 private:
  void hear_daemon(const Item& item) {
    if (item.kind == Item::Kind::kFrame) {
      reactions.emplace_back(Answered{item.bytes});
    } else if (item.kind == Item::Kind::kDamaged) {
      reactions.emplace_back(Unknown{text("the recorded answer is damaged: ", item.reason)});
    } else if (reactions.size() < requests && !client_left) {
      reactions.emplace_back(Closed{});
    }
  }
};

// A request as it is sent now.
struct Outgoing {
  Bytes frame;
  std::string name;
  std::int64_t more_room = 0;
};

// A client gives a quote as much room as it was told that it needs. The daemon may tell another
// size now (compare_quotes.h), which the client would have followed.
class QuoteSizes {
 public:
  void hear(const aesm::Response& recorded, const aesm::Response& observed) {
    const auto* const before = std::get_if<aesm::GetQuoteSizeExResponse>(&recorded);
    const auto* const now = std::get_if<aesm::GetQuoteSizeExResponse>(&observed);
    if (before == nullptr || now == nullptr) return;
    recorded_ = before->quote_size;
    observed_ = now->quote_size;
  }

  [[nodiscard]] Outgoing adapt(ByteView body) const {
    auto request = aesm::decode_request(body);
    if (!request)
      return {framed(body), text("a request that is refused: ", request.error().message()), 0};
    Outgoing out = {framed(body), std::string(aesm::name_of(aesm::kind_of(*request))), 0};
    auto* const quote = std::get_if<aesm::GetQuoteExRequest>(&*request);
    const bool follows = quote != nullptr && recorded_ && observed_ &&
                         quote->buf_size == recorded_ && recorded_ != observed_;
    // Encoding again would lose what the codec does not know.
    if (!follows || !base::equal(aesm::encode_request(*request), body)) return out;
    quote->buf_size = observed_;
    out.frame = aesm::encode_request_frame(*request);
    out.more_room = static_cast<std::int64_t>(*observed_) - static_cast<std::int64_t>(*recorded_);
    return out;
  }

 private:
  static Bytes framed(ByteView body) {
    const auto prefix = aesm::encode_frame_prefix(static_cast<std::uint32_t>(body.size()));
    Bytes out(prefix.size() + body.size());
    std::ranges::copy(body, std::ranges::copy(prefix, out.begin()).out);
    return out;
  }

  aesm::OptionalU32 recorded_;
  aesm::OptionalU32 observed_;
};

class Replay {
 public:
  Replay(const ReplayOptions& options, std::map<std::uint32_t, Conversation> conversations)
      : options_(options), conversations_(std::move(conversations)) {}

  // The client's leaving.
  void close(const Item& item) { connections_.erase(item.connection); }

  Result<Outcome> ask(const Item& item) {
    Outgoing request = item.kind == Item::Kind::kFrame
                           ? sizes_.adapt(item.bytes)
                           : Outgoing{item.bytes, text("no frame: ", item.reason), 0};
    Outcome out = {.connection = item.connection,
                   .request = std::move(request.name),
                   .differences = {},
                   .not_compared = {}};
    const Reaction reaction = next_reaction(item.connection);
    if (const auto* const unknown = std::get_if<Unknown>(&reaction)) {
      out.not_compared = unknown->why;
      return out;
    }
    QUOTED_TRY(base::UniqueFd* const connection, connection_of(item.connection));
    const Result<Bytes> answer =
        connection->valid()
            ? aesm::exchange_on(*connection, options_.socket, request.frame, deadline(),
                                aesm::kMaxResponseSize)
            : base::fail(ErrorCode::kPeerClosed, "the daemon closed the connection before");
    if (const auto* const answered = std::get_if<Answered>(&reaction)) {
      out.differences = compare(answered->body, answer, request.more_room);
    } else {
      out.differences = compare_closing(answer);
    }
    // Nothing more will be sent on it.
    if (conversations_[item.connection].reactions.empty()) connections_.erase(item.connection);
    return out;
  }

 private:
  // Connects when there is something to send, and not when the recorded client did: a daemon gives
  // an idle connection only so much time, which others may use up here, one request at a time.
  Result<base::UniqueFd*> connection_of(std::uint32_t number) {
    if (const auto known = connections_.find(number); known != connections_.end()) {
      return &known->second;
    }
    QUOTED_TRY(base::UniqueFd fd, aesm::connect(options_.socket, deadline()));
    return &connections_.emplace(number, std::move(fd)).first->second;
  }

  [[nodiscard]] Deadline deadline() const { return Deadline(options_.timeout); }

  Reaction next_reaction(std::uint32_t connection) {
    auto& reactions = conversations_[connection].reactions;
    if (reactions.empty()) return Unknown{"the recording has no answer"};
    Reaction out = std::move(reactions.front());
    reactions.pop_front();
    return out;
  }

  std::vector<Difference> compare(ByteView recorded, const Result<Bytes>& answer,
                                  std::int64_t more_room) {
    const auto before = aesm::decode_response(recorded);
    if (!answer) return {{"answer", before ? "an answer" : "bytes", answer.error().summary()}};
    const auto now = aesm::decode_response(*answer);
    Differences bytes;
    if (!before && !now) bytes.compare("answer", recorded, *answer);
    if (!before || !now) {
      if (before) bytes.add("answer", std::string(name(*before)), now.error().summary());
      if (now) bytes.add("answer", before.error().summary(), std::string(name(*now)));
      return std::move(bytes).take();
    }
    sizes_.hear(*before, *now);
    return compare_answers(*before, *now, more_room);
  }

  static std::string_view name(const aesm::Response& response) {
    return aesm::name_of(aesm::kind_of(response));
  }

  static std::vector<Difference> compare_closing(const Result<Bytes>& answer) {
    if (!answer && answer.error().code() == ErrorCode::kPeerClosed) return {};
    return {{"answer", std::string(kNoAnswer),
             answer ? text("an answer of ", answer->size(), " bytes") : answer.error().summary()}};
  }

  const ReplayOptions& options_;
  std::map<std::uint32_t, Conversation> conversations_;
  std::map<std::uint32_t, base::UniqueFd> connections_;
  QuoteSizes sizes_;
};

}  // namespace

Status replay(const std::vector<Item>& transcript, const ReplayOptions& options,
              const std::function<Status(const Outcome&)>& observe) {
  std::map<std::uint32_t, Conversation> conversations;
  for (const Item& item : transcript) conversations[item.connection].hear(item);
  Replay replay(options, std::move(conversations));
  for (const Item& item : transcript) {
    // What the daemon did is known to the conversations already.
    if (item.kind == Item::Kind::kOpened || item.from == Side::kDaemon) continue;
    if (item.kind == Item::Kind::kEnded) {
      replay.close(item);
    } else {
      QUOTED_TRY(const Outcome outcome, replay.ask(item));
      QUOTED_CHECK(observe(outcome));
    }
  }
  return {};
}

}  // namespace quoted::recording
