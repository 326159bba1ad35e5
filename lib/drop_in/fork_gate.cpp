#include "drop_in/fork_gate.h"

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <ctime>

namespace quoted::drop_in {
namespace {

// Each side announces itself before it looks at the other, hence the order of all four operations.
constinit std::atomic<int> inside = 0;
constinit std::atomic<int> forking = 0;

// How many of those inside are this thread's: it may fork from a signal handler that interrupts a
// call, and does not wait for itself then.
constinit thread_local int own = 0;

// Three minutes, more than any call lasts. Only threads that wait for each other get there:
// two that both fork from handlers inside, or one whose handler comes between its being counted
// and its knowing it. Better a child that may not call than a fork that never ends.
constexpr int kMaxPauses = 1'800'000;
constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 100'000};

void before_fork() {
  forking.fetch_add(1);
  for (int i = 0; i < kMaxPauses && inside.load() > own; ++i) ::nanosleep(&kPause, nullptr);
}

void after_fork_in_parent() { forking.fetch_sub(1); }

// Of all threads, this one is left.
void after_fork_in_child() {
  inside.store(own);
  forking.store(0);
}

// Taken back by the C library when this library is closed.
[[gnu::constructor]] void watch_forks() {
  ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

}  // namespace

void ForkGate::enter() {
  for (;;) {
    inside.fetch_add(1);
    // Who forks is waiting for a thread that is inside already.
    if (own > 0 || forking.load() == 0) break;
    inside.fetch_sub(1);
    while (forking.load() != 0) ::sched_yield();
  }
  ++own;
}

void ForkGate::leave() {
  --own;
  inside.fetch_sub(1);
}

}  // namespace quoted::drop_in
