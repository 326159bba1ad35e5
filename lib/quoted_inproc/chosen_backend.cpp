#include "quoted_inproc/chosen_backend.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "drop_in/calls_in_progress.h"
#include "quoted_inproc/call.h"
#include "quoted_inproc/platform.h"

namespace quoted::inproc {
namespace {

// Also in the child of a fork, which decides by itself what is left of it.
constinit std::atomic<Backend*> chosen = nullptr;

// Held while a backend is opened; two simulated ones would come into each other's way. A mutex that
// another thread holds at a fork would stay locked in the child; that this one's holder is another
// process shows.
constinit std::atomic<pid_t> opener = 0;

class OnlyOpener {
 public:
  OnlyOpener() {
    constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 200'000};
    const pid_t self = ::getpid();
    for (pid_t holder = 0; !opener.compare_exchange_weak(holder, self);) {
      if (holder != self) continue;
      ::nanosleep(&kPause, nullptr);
      holder = 0;
    }
  }
  OnlyOpener(const OnlyOpener&) = delete;
  OnlyOpener& operator=(const OnlyOpener&) = delete;
  ~OnlyOpener() { opener.store(0); }
};

// When the library is closed or the process ends. Whoever is still in a call goes on with it.
void end_backend() {
  if (!drop_in::CallInProgress::any()) delete chosen.exchange(nullptr);
}

struct Opened {
  Backend* backend;
  bool by_this_call;
};

Answer<Opened> open_once(const char* wanted) {
  const OnlyOpener alone;
  if (Backend* const known = chosen.load()) return Opened{known, false};
  auto opened = open_backend(wanted, Devices{});
  if (!opened) return tl::unexpected(std::move(opened).error());
  Backend* const backend = opened->release();
  chosen.store(backend);
  // The C library runs it when this library is closed as well.
  std::atexit(end_backend);
  return Opened{backend, true};
}

}  // namespace

Answer<Backend*> chosen_backend() {
  if (Backend* const known = chosen.load()) return known;
  const char* const wanted = ::secure_getenv("QUOTED_PLATFORM");
  const auto opened = open_once(wanted);
  if (!opened) return tl::unexpected(opened.error());
  // Only now, because what the program does when it is told may be a call.
  if (opened->by_this_call) {
    say(SGX_QL_LOG_INFO, wanted != nullptr && *wanted != '\0'
                             ? "the platform is simulated, and its quotes have no security"
                             : "the platform is the SGX of this machine, by Intel's libraries");
  }
  return opened->backend;
}

}  // namespace quoted::inproc
