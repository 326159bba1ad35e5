#include "sgx_quote_ex/trace.h"

#include <array>
#include <atomic>
#include <cstring>

#include "base/stderr_line.h"
#include "base/text.h"
#include "sgx_quote_ex/settings.h"

// Weak, so that a program, or the DCAP library beside this one, may bring its own.
extern "C" {
[[gnu::weak]] std::int32_t sgx_trace_loglevel = QUOTED_TRACE_NONE;
[[gnu::weak]] void (*sgx_trace_logger_callback)(int level, const char* message) = nullptr;
}

namespace quoted::quote_ex {
namespace {

using Callback = void (*)(int level, const char* message);

// The program may set it while other threads are in a call.
template <class Value>
Value load(Value& shared) {
  return std::atomic_ref<Value>(shared).load(std::memory_order_acquire);
}

Callback callback_for(Level level) {
  return load(sgx_trace_loglevel) >= static_cast<int>(level) ? load(sgx_trace_logger_callback)
                                                             : nullptr;
}

void write_line(const char* message) { base::write_stderr_line("libsgx_quote_ex", message); }

}  // namespace

Trace::Trace(const char* function) : function_(function), to_stderr_(debug_wanted()) {}

bool Trace::wanted(Level level) const { return to_stderr_ || callback_for(level) != nullptr; }

void Trace::deliver(Level level, const std::string& sentence) const {
  hand_out(level, base::text(function_, ' ', sentence).c_str());
}

void Trace::deliver_plain(Level level) const noexcept {
  std::array<char, 128> message{};
  std::strncpy(message.data(), function_, message.size() / 2);
  std::strcat(message.data(), " has something to say, but no memory for it");
  hand_out(level, message.data());
}

void Trace::hand_out(Level level, const char* message) const noexcept {
  if (const Callback callback = callback_for(level)) callback(static_cast<int>(level) - 1, message);
  if (to_stderr_) write_line(message);
}

}  // namespace quoted::quote_ex
