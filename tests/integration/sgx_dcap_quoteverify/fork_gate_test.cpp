// fork() by threads that are themselves in a call, as from a signal handler that interrupts one.
#include "drop_in/fork_gate.h"

#include <atomic>
#include <chrono>
#include <latch>
#include <optional>
#include <thread>

#include "library_test.h"
#include "sgx_dcap_quoteverify/call.h"

namespace quoted::test {
namespace {

using drop_in::ForkGate;
using quoteverify::InProgress;

// A thread that is inside for a while, and whether it has left.
class Visitor {
 public:
  Visitor()
      : thread_([this] {
          const ForkGate gate;
          entered_.count_down();
          std::this_thread::sleep_for(std::chrono::milliseconds(200));
          left = true;
        }) {
    entered_.wait();
  }
  ~Visitor() { thread_.join(); }
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;

  std::atomic<bool> left = false;

 private:
  std::latch entered_{1};
  std::thread thread_;
};

TEST(ForkGate, WaitsForOthersAndNotForOneself) {
  EXPECT_TRUE(in_child([] {
    const ForkGate own;
    const Visitor other;
    EXPECT_TRUE(in_child([&] { EXPECT_TRUE(other.left); }));
  }));
}

TEST(ForkGate, CountsRightInTheChildOfAForkFromInside) {
  EXPECT_TRUE(in_child([] {
    std::optional<ForkGate> own(std::in_place);
    EXPECT_TRUE(in_child([&] {
      own.reset();
      const Visitor other;
      EXPECT_TRUE(in_child([&] { EXPECT_TRUE(other.left); }));
    }));
  }));
}

TEST(ForkGate, ChildKnowsNoCallsButItsOwn) {
  EXPECT_TRUE(in_child([] {
    std::latch entered(1);
    std::latch leave(1);
    std::thread other([&] {
      const InProgress call;
      entered.count_down();
      leave.wait();
    });
    entered.wait();
    EXPECT_TRUE(in_child([] { EXPECT_FALSE(InProgress::any()); }));
    {
      const InProgress own;
      EXPECT_TRUE(in_child([] { EXPECT_TRUE(InProgress::any()); }));
    }
    leave.count_down();
    other.join();
    EXPECT_FALSE(InProgress::any());
  }));
}

}  // namespace
}  // namespace quoted::test
