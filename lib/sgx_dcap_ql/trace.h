// The reasons in words: to the callback that the program may have set (aesm-protocol 7.2), and to
// standard error when the environment asks for it.
#pragma once

#include <atomic>
#include <string>

#include "sgx_dcap_ql/abi.h"

namespace quoted::dcap_ql {

enum class Level : int {
  kError = SGX_QL_LOG_ERROR,
  kInfo = SGX_QL_LOG_INFO,
  kDebug = SGX_QL_LOG_DEBUG,
  kTrace = SGX_QL_LOG_TRACE,
};

void set_callback(sgx_ql_logging_callback_t callback, sgx_ql_log_level_t most);

[[nodiscard]] bool wanted(Level level) noexcept;
void tell(Level level, const char* message) noexcept;

// Says what `sentence()` returns, if anybody listens. That it cannot be said changes nothing for
// the caller.
template <class Sentence>
void say(Level level, const Sentence& sentence) noexcept {
  if (!wanted(level)) return;
  try {
    tell(level, sentence().c_str());
  } catch (...) {
    tell(level, "there is something to say, but no memory for it");
  }
}

// Once in the life of the library, to the first who listens.
template <class Sentence>
void say_once(std::atomic<bool>& said, Level level, const Sentence& sentence) noexcept {
  if (said.load() || !wanted(level) || said.exchange(true)) return;
  say(level, sentence);
}

// The two variables of aesm-protocol 5.1 and 7.1, as another library exports them.
struct TraceVariables {
  void (**callback)(int level, const char* message) = nullptr;
  std::int32_t* level = nullptr;
};
// Lets that library speak to our callback, unless it has one already; also takes that back when
// ours was removed.
void lend_callback(const TraceVariables& other) noexcept;
void take_callback_back(const TraceVariables& other) noexcept;

}  // namespace quoted::dcap_ql
