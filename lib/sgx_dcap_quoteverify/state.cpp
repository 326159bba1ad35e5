#include "sgx_dcap_quoteverify/state.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <utility>

#include "base/stderr_line.h"
#include "base/text.h"
#include "verification/root_file.h"

namespace quoted::quoteverify {

// Not a static object with a destructor: threads that are still in a call when the process ends
// must find it.
struct StateKeeper {
  static constinit std::atomic<State*> current;

  static State& renew(State* known, pid_t process);
  [[gnu::destructor]] static void release();
};
constinit std::atomic<State*> StateKeeper::current = nullptr;

State& StateKeeper::renew(State* known, pid_t process) {
  // The trust never changes after it was made, so it is whole whatever the other threads did.
  Trust trust = known != nullptr ? known->trust_ : Trust::from_environment();
  const std::string announcement = std::exchange(trust.announcement, {});
  std::unique_ptr<State> fresh(new State(process, std::move(trust)));
  // The parent's is left alone: its locks may be held by threads that are not here.
  if (!current.compare_exchange_strong(known, fresh.get())) return *known;
  if (!announcement.empty()) {
    base::write_stderr_line("libsgx_dcap_quoteverify", announcement.c_str());
  }
  return *fresh.release();
}

void StateKeeper::release() {
  if (!InProgress::any()) delete current.exchange(nullptr);
}

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
  State* const known = StateKeeper::current.load(std::memory_order_acquire);
  const pid_t process = ::getpid();
  if (known != nullptr && known->process_ == process) return *known;
  return StateKeeper::renew(known, process);
}

}  // namespace quoted::quoteverify
