#include "dcap_quoteprov/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>

#include "base/stderr_line.h"

namespace quoted::quoteprov {
namespace {

constinit std::atomic<sgx_ql_logging_callback_t> callback = nullptr;
constinit std::atomic<sgx_ql_log_level_t> most_wanted = SGX_QL_LOG_ERROR;

}  // namespace

void set_logger(sgx_ql_logging_callback_t logger, sgx_ql_log_level_t most) noexcept {
  most_wanted = most;
  callback = logger;
}

void log(sgx_ql_log_level_t level, std::string_view message) noexcept {
  // Without memory, too: the longest messages are cut.
  std::array<char, 2048> line{};
  std::copy_n(message.begin(), std::min(message.size(), line.size() - 1), line.begin());
  if (const sgx_ql_logging_callback_t logger = callback.load()) {
    if (level <= most_wanted.load()) logger(level, line.data());
    return;
  }
  const char* const wanted = ::secure_getenv("QUOTED_DEBUG");
  if (wanted == nullptr || *wanted == '\0') return;
  base::write_stderr_line("libdcap_quoteprov", line.data());
}

}  // namespace quoted::quoteprov
