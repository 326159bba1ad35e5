#include "aesm/retry.h"

#include <algorithm>
#include <cstdint>
#include <thread>
#include <utility>

#include "aesm/transport.h"
#include "base/text.h"

namespace quoted::aesm {
namespace {

using base::Bytes;
using base::ErrorCode;
using base::fail;
using base::Result;
using std::chrono::microseconds;

constexpr microseconds kFirstPause = std::chrono::milliseconds(2);
constexpr microseconds kLongestPause = std::chrono::milliseconds(100);

// Somewhere in the upper half of `longest`, so that clients which failed together do not come back
// together. Any spread does; the clock and the thread's stack give one without state to keep.
microseconds spread(microseconds longest) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  std::uint64_t mixed =
      static_cast<std::uint64_t>(now) ^ (reinterpret_cast<std::uintptr_t>(&now) << 16U);
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed ^= mixed >> 31U;
  const auto half = static_cast<std::uint64_t>(longest.count() / 2);
  return longest - microseconds(mixed % (half + 1));
}

}  // namespace

std::optional<microseconds> Retries::pause_after(ErrorCode failure, Time now) {
  ++failures_;
  if (!may_go_on(failure, now)) return std::nullopt;
  constexpr int kMostDoublings = 6;
  const int doublings = std::min(failures_ - 1, kMostDoublings);
  return std::min(kFirstPause * (1 << doublings), kLongestPause);
}

bool Retries::may_go_on(ErrorCode failure, Time now) {
  switch (failure) {
    case ErrorCode::kSocketMissing:
    case ErrorCode::kConnectionRefused:
      if (!absent_since_) absent_since_ = now;
      return now - *absent_since_ < policy_.longest_absence;
    case ErrorCode::kPeerClosed:
      // It was there to be connected to, so an absence that follows is a new one.
      absent_since_.reset();
      return ++lost_ <= policy_.lost_answers;
    default:
      return false;
  }
}

Result<Bytes> exchange_with_retry(const std::filesystem::path& socket, base::ByteView frame,
                                  const Deadline& deadline, std::size_t max_answer,
                                  const RetryPolicy& policy, const RetryObserver& observer) {
  Retries retries(policy);
  for (;;) {
    Result<Bytes> answer = exchange(socket, frame, deadline, max_answer);
    if (answer) return answer;
    const auto pause = retries.pause_after(answer.error().code(), std::chrono::steady_clock::now());
    if (!pause || *pause >= deadline.left()) {
      if (retries.failures() == 1) return answer;
      return fail(std::move(answer).error().with_context(
          base::text("after ", retries.failures(), " attempts")));
    }
    const microseconds wait = spread(*pause);
    if (observer) observer(answer.error(), wait);
    std::this_thread::sleep_for(wait);
  }
}

}  // namespace quoted::aesm
