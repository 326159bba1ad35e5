#include "base/text.h"
#include "quotectl/output.h"
#include "quotectl/wire.h"
#include "recording/replay.h"

namespace quoted::quotectl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Status;
using base::text;
using recording::Outcome;

class Tally {
 public:
  Status take(const Outcome& outcome) {
    const std::string who = text('#', outcome.connection, ' ', outcome.request, ": ");
    if (outcome.not_compared) {
      ++not_compared_;
      return print(text(who, "not compared: ", *outcome.not_compared, '\n'));
    }
    if (outcome.differences.empty()) {
      ++same_;
      return print(text(who, "same\n"));
    }
    ++different_;
    for (const auto& found : outcome.differences) {
      QUOTED_CHECK(print(text(who, "differs: ", found.field, ", expected ", found.expected,
                              ", observed ", found.observed, '\n')));
    }
    return {};
  }

  [[nodiscard]] Result<ExitCode> conclude(const std::string& file) const {
    QUOTED_CHECK(print(text(same_ + different_ + not_compared_, " requests: ", same_, " the same, ",
                            different_, " different, ", not_compared_, " not compared\n")));
    if (different_ > 0) return ExitCode::kDiffers;
    if (same_ == 0) {
      return fail(ErrorCode::kInvalidArgument,
                  text(file, " holds no request with an answer: there is nothing to compare"));
    }
    return ExitCode::kSuccess;
  }

 private:
  std::size_t same_ = 0;
  std::size_t different_ = 0;
  std::size_t not_compared_ = 0;
};

}  // namespace

Result<ExitCode> replay_wire(const WireReplayOptions& options) {
  QUOTED_TRY(const auto transcript, read_transcript(options.file));
  Tally tally;
  QUOTED_CHECK(recording::replay(
      transcript,
      {.socket = options.socket, .timeout = std::chrono::milliseconds(options.timeout_ms)},
      [&](const Outcome& outcome) { return tally.take(outcome); }));
  return tally.conclude(options.file);
}

}  // namespace quoted::quotectl
