#include "quoted_inproc/call.h"

#include <array>
#include <atomic>
#include <cstdio>

namespace quoted::inproc {
namespace {

constinit std::atomic<quoted_inproc_log> listener = nullptr;

}  // namespace

void set_log(quoted_inproc_log log) noexcept { listener.store(log); }

void say(sgx_ql_log_level_t level, const char* message) noexcept {
  if (const quoted_inproc_log log = listener.load()) log(static_cast<int>(level), message);
}

quote3_error_t failed(const char* function, quote3_error_t code, const char* reason) noexcept {
  // Without memory, too: the longest reasons are cut.
  std::array<char, 1024> line{};
  std::snprintf(line.data(), line.size(), "%s returns 0x%04x: %s", function,
                static_cast<unsigned>(code), reason);
  say(SGX_QL_LOG_ERROR, line.data());
  return code;
}

}  // namespace quoted::inproc
