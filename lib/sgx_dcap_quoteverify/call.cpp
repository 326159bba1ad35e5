#include "sgx_dcap_quoteverify/call.h"

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "base/stderr_line.h"

namespace quoted::quoteverify {
namespace {

constinit std::atomic<int> calls_in_progress = 0;
constinit thread_local int own_calls = 0;

// Taken back by the C library when this library is closed.
[[gnu::constructor]] void watch_forks() {
  ::pthread_atfork(nullptr, nullptr, InProgress::forget_other_threads);
}

}  // namespace

InProgress::InProgress() {
  calls_in_progress.fetch_add(1, std::memory_order_relaxed);
  ++own_calls;
}

InProgress::~InProgress() {
  --own_calls;
  calls_in_progress.fetch_sub(1, std::memory_order_release);
}

bool InProgress::any() { return calls_in_progress.load(std::memory_order_acquire) != 0; }

void InProgress::forget_other_threads() { calls_in_progress.store(own_calls); }

void explain(const char* function, quote3_error_t code, const char* reason) noexcept {
  const char* const wanted = ::secure_getenv("QUOTED_DEBUG");
  if (wanted == nullptr || *wanted == '\0') return;
  std::array<char, 1024> line{};
  std::snprintf(line.data(), line.size(), "%s returns 0x%04x: %s", function,
                static_cast<unsigned>(code), reason);
  base::write_stderr_line("libsgx_dcap_quoteverify", line.data());
}

}  // namespace quoted::quoteverify
