#include "conformance/player.h"

#include <algorithm>

#include "aesm/transport.h"
#include "base/text.h"
#include "conformance/talk.h"

namespace quoted::conformance {
namespace {

using base::Bytes;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::text;
using Outcome = StepResult::Outcome;

// Each costs a whole timeout.
constexpr unsigned kMaxTimeouts = 3;

Bytes two_byte_varint(std::int64_t value) {
  return {static_cast<std::byte>((value & 0x7F) | 0x80), static_cast<std::byte>(value >> 7)};
}

// Fills placeholders with what is known by now; the error says what is not.
class Filler {
 public:
  Filler(Known& known, const ReportMaker& make_report) : known_(known), make_report_(make_report) {}

  Result<std::vector<Bytes>> fill(const std::vector<Write>& writes) {
    std::vector<Bytes> out;
    for (const Write& write : writes) {
      Bytes& bytes = out.emplace_back();
      for (const Piece& piece : write) {
        QUOTED_TRY(const Bytes filled, content(piece));
        base::append(bytes, filled);
      }
    }
    return out;
  }

 private:
  Result<Bytes> content(const Piece& piece) {
    switch (piece.kind) {
      case Piece::Kind::kFilled:
        return content(piece.filled);
      case Piece::Kind::kQuantity:
        return content(piece.quantity);
      case Piece::Kind::kBytes:
        break;
    }
    return piece.bytes;
  }

  Result<Bytes> content(const Quantity& quantity) {
    constexpr std::int64_t kLeast = 128;
    constexpr std::int64_t kMost = 16'383;
    const auto value = known_.value_of(quantity);
    if (!value) {
      return fail(ErrorCode::kBadParameter, text("no ", name_of(*quantity.told), " is known"));
    }
    if (*value < kLeast || *value > kMost) {
      return fail(ErrorCode::kBadParameter, text(name_of(*quantity.told), " would be ", *value,
                                                 ", not ", kLeast, " to ", kMost));
    }
    return two_byte_varint(*value);
  }

  Result<Bytes> content(Filled filled) {
    if (filled == Filled::kKeyId) {
      if (!known_.key_id) return fail(ErrorCode::kBadParameter, "no key id is known");
      return base::to_bytes(base::struct_bytes(*known_.key_id));
    }
    if (!make_report_) return fail(ErrorCode::kBadParameter, "there is no enclave for a REPORT");
    if (!known_.target_info) return fail(ErrorCode::kBadParameter, "no target_info is known");
    QUOTED_TRY(sgx::Report report, make_report_(*known_.target_info));
    if (filled == Filled::kAlteredReport) report.mac.mutable_view()[15] ^= std::byte{1};
    known_.report = report;
    return base::to_bytes(base::struct_bytes(report));
  }

  Known& known_;
  const ReportMaker& make_report_;
};

class Player {
 public:
  explicit Player(const PlayOptions& options) : options_(options), end_(options.total) {}

  void play(const Conversation& conversation, std::vector<StepResult>& out) {
    Known known;
    for (const Step& step : conversation.steps) {
      StepResult& result = out.emplace_back(StepResult{.client = conversation.client,
                                                       .conversation = conversation.name,
                                                       .step = step.name,
                                                       .outcome = Outcome::kNotRun,
                                                       .findings = {}});
      if (timeouts_ >= kMaxTimeouts) {
        result.findings = {"the daemon leaves answers out; it was asked no more"};
      } else if (end_.left() == std::chrono::milliseconds(0)) {
        result.outcome = Outcome::kFailed;
        result.findings = {text("time: all answers together take more than ",
                                end_.timeout().count(), " ms; it was asked no more")};
      } else if (step.hostile && !options_.hostile) {
        result.findings = {"it may harm a daemon that is not proof against it"};
      } else if (step.without_epid && options_.has_epid) {
        result.findings = {"the daemon offers EPID, whose answers are others"};
      } else {
        play(step, known, result);
      }
    }
  }

 private:
  void play(const Step& step, Known& known, StepResult& result) {
    bool advised = false;
    auto writes = Filler(known, options_.make_report).fill(step.writes);
    if (!writes) {
      result.findings = {writes.error().summary()};
      return;
    }
    const std::chrono::milliseconds timeout =
        std::min(step.within.value_or(options_.timeout), end_.left());
    const std::size_t max_answer = kMaxAnswer + room_in(*writes);
    const Words words{
        .writes = *std::move(writes), .half_close = step.half_close, .leaves = step.leaves};
    const auto neighbours = open_neighbours(options_.socket, step.neighbours, timeout);
    const auto reply = neighbours.and_then(
        [&](const auto&) { return talk(options_.socket, words, timeout, max_answer); });
    if (!reply) {
      result.findings = {text("answer: ", reply.error().summary())};
    } else if (step.leaves) {
      // Whatever the daemon says, nobody is there to hear it.
      timeouts_ = 0;
    } else {
      const bool left_out = reply->kind == Reply::Kind::kTimeout && !step.within;
      timeouts_ = left_out ? timeouts_ + 1 : 0;
      Verdict verdict = judge(step.expectation, *reply, known, options_.witnesses);
      advised = verdict.findings.empty();
      result.findings = std::move(advised ? verdict.advice : verdict.findings);
    }
    if (result.findings.empty()) {
      result.outcome = Outcome::kPassed;
    } else {
      result.outcome = step.required && !advised ? Outcome::kFailed : Outcome::kAdvised;
    }
  }

  const PlayOptions& options_;
  aesm::Deadline end_;
  unsigned timeouts_ = 0;
};

}  // namespace

Result<std::vector<StepResult>> play(const Corpus& corpus, const PlayOptions& options) {
  QUOTED_CHECK(
      aesm::connect(options.socket, aesm::Deadline(options.timeout)).map([](const auto&) {}));
  Player player(options);
  std::vector<StepResult> out;
  for (const Conversation& conversation : corpus) player.play(conversation, out);
  return out;
}

}  // namespace quoted::conformance
