#include "sgx_dcap_quoteverify/state.h"

#include <atomic>
#include <cstdlib>
#include <memory>

#include "base/stderr_line.h"
#include "base/text.h"
#include "verification/root_file.h"

namespace quoted::quoteverify {
namespace {

// Not a static object with a destructor: threads that are still in a call when the process ends
// must find it.
constinit std::atomic<State*> current_state = nullptr;

[[gnu::destructor]] void release_state() {
  if (!InProgress::any()) delete current_state.exchange(nullptr);
}

}  // namespace

Trust Trust::from_environment() {
  const char* const path = ::secure_getenv("QUOTED_TRUSTED_ROOT");
  if (path == nullptr || *path == '\0') return {{verification::intel_root()}, {}};
  auto root = verification::read_trusted_root(path);
  if (!root) {
    return {{},
            base::text("no quote will verify, because QUOTED_TRUSTED_ROOT names no root: ",
                       root.error().summary())};
  }
  return {{*std::move(root)},
          base::text("trusting root '", path,
                     "' from QUOTED_TRUSTED_ROOT instead of Intel's; simulated certificates prove "
                     "nothing about hardware")};
}

State& State::current() {
  State* known = current_state.load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  std::unique_ptr<State> fresh(new State(Trust::from_environment()));
  // Another thread may have been faster.
  if (!current_state.compare_exchange_strong(known, fresh.get())) return *known;
  if (!fresh->trust_.announcement.empty()) {
    base::write_stderr_line("libsgx_dcap_quoteverify", fresh->trust_.announcement.c_str());
  }
  return *fresh.release();
}

}  // namespace quoted::quoteverify
