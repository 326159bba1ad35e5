// The reasons in words: to the callback that the program may have set (aesm-protocol 5.1), and to
// standard error when the environment asks for it.
#pragma once

#include <string>

#include "sgx_quote_ex/abi.h"

namespace quoted::quote_ex {

enum class Level : int {
  kError = QUOTED_TRACE_ERROR,
  kWarning = QUOTED_TRACE_WARNING,
  kNotice = QUOTED_TRACE_NOTICE,
  kDebug = QUOTED_TRACE_DEBUG,
};

class Trace {
 public:
  // `function` is the name of the function that was called; it has static storage.
  explicit Trace(const char* function);

  // Says what `sentence()` returns, if anybody listens. That it cannot be said changes nothing for
  // the caller.
  template <class Sentence>
  void say(Level level, const Sentence& sentence) const noexcept {
    if (!wanted(level)) return;
    try {
      deliver(level, sentence());
    } catch (...) {
      deliver_plain(level);
    }
  }

 private:
  [[nodiscard]] bool wanted(Level level) const;
  void deliver(Level level, const std::string& sentence) const;

  // For when there is no memory left to say it with.
  void deliver_plain(Level level) const noexcept;
  void hand_out(Level level, const char* message) const noexcept;

  const char* function_;
  bool to_stderr_;
};

}  // namespace quoted::quote_ex
