#include "sgx_dcap_quoteverify/fork_gate.h"

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <ctime>

namespace quoted::quoteverify {
namespace {

// Each side announces itself before it looks at the other, hence the order of all four operations.
constinit std::atomic<int> inside = 0;
constinit std::atomic<int> forking = 0;

// A verification lasts milliseconds. Beyond this bound the forking thread is waiting for itself, in
// a signal handler: better a child that may not verify than a fork that never ends.
constexpr int kMaxPauses = 20'000;
constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 100'000};

void before_fork() {
  forking.fetch_add(1);
  for (int i = 0; i < kMaxPauses && inside.load() > 0; ++i) ::nanosleep(&kPause, nullptr);
}

void after_fork_in_parent() { forking.fetch_sub(1); }

// Of all threads, this one is left.
void after_fork_in_child() {
  inside.store(0);
  forking.store(0);
}

// Taken back by the C library when this library is closed.
[[gnu::constructor]] void watch_forks() {
  ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

}  // namespace

ForkGate::ForkGate() {
  for (;;) {
    inside.fetch_add(1);
    if (forking.load() == 0) return;
    inside.fetch_sub(1);
    while (forking.load() != 0) ::sched_yield();
  }
}

ForkGate::~ForkGate() { inside.fetch_sub(1); }

}  // namespace quoted::quoteverify
