#include "sgx_dcap_ql/trace.h"

#include <cstdlib>

#include "base/stderr_line.h"

// Weak, so that a program, or libsgx_quote_ex beside this one, may bring its own.
extern "C" {
[[gnu::weak]] std::int32_t sgx_trace_loglevel = QUOTED_TRACE_NONE;
[[gnu::weak]] void (*sgx_trace_logger_callback)(int level, const char* message) = nullptr;
}

namespace quoted::dcap_ql {
namespace {

using Callback = void (*)(int level, const char* message);

constinit std::atomic<sgx_ql_logging_callback_t> callers_callback = nullptr;

// What the exported variable holds for a callback whose levels have another type.
void pass_on(int level, const char* message) {
  if (const auto callback = callers_callback.load()) {
    callback(static_cast<sgx_ql_log_level_t>(level), message);
  }
}

// The program may set the variables while other threads are in a call.
template <class Value>
Value load(Value& shared) {
  return std::atomic_ref<Value>(shared).load(std::memory_order_acquire);
}
template <class Value>
void store(Value& shared, Value value) {
  std::atomic_ref<Value>(shared).store(value, std::memory_order_release);
}

// aesm-protocol 5.1: the variable counts from 1, the callback is told one less.
bool passes(Level level) { return load(sgx_trace_loglevel) > static_cast<int>(level); }

constinit bool debug_wanted = false;

// Once, because a program may change its environment in another thread while calls go on.
[[gnu::constructor]] void read_environment() {
  const char* const value = ::secure_getenv("QUOTED_DEBUG");
  debug_wanted = value != nullptr && *value != '\0';
}

}  // namespace

void set_callback(sgx_ql_logging_callback_t callback, sgx_ql_log_level_t most) {
  const bool off = callback == nullptr || most > SGX_QL_LOG_TRACE;
  store(sgx_trace_loglevel, std::int32_t{QUOTED_TRACE_NONE});
  callers_callback.store(callback);
  store<Callback>(sgx_trace_logger_callback, off ? nullptr : pass_on);
  if (!off) store(sgx_trace_loglevel, static_cast<std::int32_t>(most) + 1);
}

bool wanted(Level level) noexcept {
  return (passes(level) && load(sgx_trace_logger_callback) != nullptr) || debug_wanted;
}

void tell(Level level, const char* message) noexcept {
  const Callback callback = passes(level) ? load(sgx_trace_logger_callback) : nullptr;
  if (callback != nullptr) callback(static_cast<int>(level), message);
  if (debug_wanted) base::write_stderr_line("libsgx_dcap_ql", message);
}

void lend_callback(const TraceVariables& other) noexcept {
  if (other.callback == nullptr || other.level == nullptr) return;
  if (other.callback == &sgx_trace_logger_callback) return;
  const Callback theirs = load(*other.callback);
  if (theirs != nullptr && theirs != pass_on) return;
  const bool lend = load(sgx_trace_logger_callback) == pass_on;
  if (!lend && theirs == nullptr) return;
  store(*other.level, lend ? load(sgx_trace_loglevel) : std::int32_t{QUOTED_TRACE_NONE});
  store<Callback>(*other.callback, lend ? pass_on : nullptr);
}

void take_callback_back(const TraceVariables& other) noexcept {
  if (other.callback == nullptr || other.level == nullptr) return;
  if (other.callback == &sgx_trace_logger_callback || load(*other.callback) != pass_on) return;
  store(*other.level, std::int32_t{QUOTED_TRACE_NONE});
  store<Callback>(*other.callback, nullptr);
}

}  // namespace quoted::dcap_ql
