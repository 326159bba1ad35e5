// Says a recorded conversation again to a daemon, request by request on the connections it was said
// on, and compares the answers. One request is under way at a time, in the order in which the
// recorded ones were complete; pauses are not kept. A connection is there from its first request
// that is sent until its last one has been answered, and not at all when there is none.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "recording/differences.h"
#include "recording/transcript.h"

namespace quoted::recording {

struct Outcome {
  std::uint32_t connection = 0;
  std::string request;                      // "GetQuoteEx"
  std::vector<Difference> differences;      // none: the same
  std::optional<std::string> not_compared;  // set when the recording has no answer; the reason
};

struct ReplayOptions {
  std::filesystem::path socket;
  std::chrono::milliseconds timeout{15'000};  // for each answer
};

// Tells each outcome as soon as it is known. Fails only when a connection cannot be opened or
// `observe` fails.
[[nodiscard]] base::Status replay(const std::vector<Item>& transcript, const ReplayOptions& options,
                                  const std::function<base::Status(const Outcome&)>& observe);

}  // namespace quoted::recording
