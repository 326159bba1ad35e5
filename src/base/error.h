// One error type for the whole project: a stable code from the error table, a sentence with the
// values that were observed and expected, and the context gathered on the way up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error_table.h"

namespace quoted::base {

class Error {
 public:
  // `message` is one sentence without a full stop that names what was observed and expected.
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] ErrorCode code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] const ErrorEntry& entry() const { return error_entry(code_); }

  // Adds what was being done when the error arose, outermost last. Never hides the first cause.
  [[nodiscard]] Error with_context(std::string context) &&;

  // The number with which another program refused, for callers that decide by it.
  [[nodiscard]] std::optional<std::uint32_t> peer_code() const { return peer_code_; }
  [[nodiscard]] Error with_peer_code(std::uint32_t code) &&;

  // "context: context: message", for one line of a log.
  [[nodiscard]] std::string summary() const;

  // What a person reads: the summary, then the likely cause, the remedy and the stable code.
  [[nodiscard]] std::string explanation() const;

 private:
  ErrorCode code_;
  std::optional<std::uint32_t> peer_code_;
  std::string message_;
  std::vector<std::string> contexts_;
};

}  // namespace quoted::base
