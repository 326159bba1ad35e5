// The daemon killed again and again under threads that quote without pause: with retry no call
// fails. QUOTED_TEST_RESTARTS sets how often; 10 when it is not set.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "quoted/sgx_quote_ex.h"
#include "real_daemon.h"

namespace quoted::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

int restarts() {
  const char* const value = std::getenv("QUOTED_TEST_RESTARTS");
  return value == nullptr ? 10 : std::max(1, std::atoi(value));
}

// What became of the calls of all threads.
struct Tally {
  int calls = 0;
  std::map<int, int> failures;  // by status
  Clock::duration longest{};

  [[nodiscard]] int failed() const {
    int sum = 0;
    for (const auto& [status, count] : failures) sum += count;
    return sum;
  }
};

// Threads that do what an application does to get a quote, over and over.
class Callers {
 public:
  explicit Callers(const sgx_report_t& report) : report_(report) {
    constexpr int kThreads = 8;
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { quote_until_stopped(); });
  }
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;
  ~Callers() { stop(); }

  Tally stop() {
    stopped_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return tally_;
  }

  // Return when this many more calls have succeeded or failed.
  void wait_for_successes(int more) const { wait_for(successes_, more, "no call succeeds"); }
  void wait_for_failures(int more) const { wait_for(failures_, more, "no call fails"); }

 private:
  static void wait_for(const std::atomic<int>& count, int more, const char* otherwise) {
    const int end = count + more;
    if (!Process::eventually([&] { return count >= end; }, 120s)) {
      throw std::runtime_error(otherwise);
    }
  }

  void quote_until_stopped() {
    while (!stopped_) {
      // One who is told that there is no service looks again a little later.
      if (!quote_once()) std::this_thread::sleep_for(1ms);
    }
  }

  // All that an application does for a quote; false at the first call that fails.
  bool quote_once() {
    sgx_att_key_id_t key;
    sgx_target_info_t target;
    std::size_t key_id_size = 32;
    std::uint8_t key_id[32];
    std::uint32_t size = 0;
    std::vector<std::uint8_t> quote;
    return count([&] { return sgx_select_att_key_id(nullptr, 0, &key); }) &&
           count([&] { return sgx_init_quote_ex(&key, &target, &key_id_size, key_id); }) &&
           count([&] { return sgx_get_quote_size_ex(&key, &size); }) && count([&] {
             quote.resize(size);
             return sgx_get_quote_ex(&report_, &key, nullptr, quote.data(), size);
           });
  }

  template <class Call>
  bool count(const Call& call) {
    const auto start = Clock::now();
    const sgx_status_t status = call();
    const auto elapsed = Clock::now() - start;
    const std::lock_guard lock(mutex_);
    ++tally_.calls;
    tally_.longest = std::max(tally_.longest, elapsed);
    if (status == SGX_SUCCESS) {
      ++successes_;
    } else {
      ++failures_;
      ++tally_.failures[status];
    }
    return status == SGX_SUCCESS;
  }

  sgx_report_t report_;
  std::atomic<bool> stopped_ = false;
  std::atomic<int> successes_ = 0;
  std::atomic<int> failures_ = 0;
  std::mutex mutex_;
  Tally tally_;
  std::vector<std::thread> threads_;
};

class Restart : public testing::Test {
 protected:
  Restart() {
    ::setenv("QUOTED_SOCKET", daemon_.socket().c_str(), 1);
    // Whether calls are lost is judged here, not how fast a busy machine starts a daemon; what the
    // longest call took is printed.
    ::setenv("QUOTED_TIMEOUT_MS", std::to_string(kLimit.count()).c_str(), 1);
    ::setenv("QUOTED_RETRY", std::to_string(kLimit.count()).c_str(), 1);
    daemon_.start();
    daemon_.wait_until_it_serves();
    const auto bytes = base::read_file(daemon_.make_report(), sizeof(report_)).value();
    std::memcpy(&report_, bytes.data(), std::min(bytes.size(), sizeof(report_)));
  }
  ~Restart() override {
    for (const char* name : {"QUOTED_SOCKET", "QUOTED_TIMEOUT_MS", "QUOTED_RETRY"}) {
      ::unsetenv(name);
    }
  }

  // Kills and starts the daemon while the callers are at it. `meanwhile` happens between the two.
  template <class Meanwhile>
  Tally disturb(int times, const Meanwhile& meanwhile) {
    Callers callers(report_);
    for (int i = 0; i < times; ++i) {
      callers.wait_for_successes(20);
      std::this_thread::sleep_for(i % 7 * 1ms);
      daemon_.kill();
      meanwhile(callers, i);
      daemon_.start();
    }
    daemon_.wait_until_it_serves();
    callers.wait_for_successes(20);
    return callers.stop();
  }

  static void print(const char* what, int times, const Tally& tally) {
    std::printf("%s: %d restarts, %d calls, %d failed", what, times, tally.calls, tally.failed());
    for (const auto& [status, count] : tally.failures)
      std::printf(", %d with 0x%04x", count, status);
    const auto longest = std::chrono::duration_cast<std::chrono::milliseconds>(tally.longest);
    std::printf("; the longest took %ld ms\n", static_cast<long>(longest.count()));
  }

  static constexpr std::chrono::milliseconds kLimit = 60s;
  RealDaemon daemon_;
  sgx_report_t report_{};
};

TEST_F(Restart, LosesNoCall) {
  const int times = restarts();
  const auto pause = [](const Callers&, int i) { std::this_thread::sleep_for(i % 5 * 10ms); };
  const Tally tally = disturb(times, pause);
  print("retry on", times, tally);
  EXPECT_THAT(tally.failures, testing::IsEmpty());
  EXPECT_GT(tally.calls, 20 * times);
}

// What every client without retry goes through.
TEST_F(Restart, LosesCallsWithRetryOff) {
  ::setenv("QUOTED_RETRY", "off", 1);
  const int times = restarts();
  const auto until_noticed = [](const Callers& callers, int) { callers.wait_for_failures(1); };
  const Tally tally = disturb(times, until_noticed);
  print("retry off", times, tally);
  EXPECT_GE(tally.failed(), times);
}

TEST_F(Restart, OfTheServingProcessLosesNoCall) {
  // More crashes in a short time, and the supervisor gives up.
  constexpr int kTimes = 3;
  Callers callers(report_);
  for (int i = 0; i < kTimes; ++i) {
    callers.wait_for_successes(20);
    daemon_.kill_front();
  }
  callers.wait_for_successes(20);
  const Tally tally = callers.stop();
  print("retry on, front only", kTimes, tally);
  EXPECT_THAT(tally.failures, testing::IsEmpty());
}

}  // namespace
}  // namespace quoted::test
