// libsgx_quote_ex inside processes that make its life hard: threads, fork, exhausted descriptors,
// signals, cancellation, little memory.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <cerrno>
#include <csignal>
#include <future>
#include <thread>

#include "library_test.h"
#include "no_descriptors.h"

namespace quoted::test {
namespace {

using namespace std::chrono_literals;

class HardLife : public LibraryTest {
 protected:
  // Answers quotes with the first byte of the report, so that each caller knows its own.
  static void quote_report(ServedConnection connection) {
    const Bytes body = connection.read_request();
    const auto request = aesm::decode_request(body);
    if (!request) return;
    const auto& quote_request = std::get<aesm::GetQuoteExRequest>(*request);
    const Bytes quote = filled(4600, std::to_integer<unsigned>((*quote_request.report)[0]));
    connection.write(aesm::encode_response_frame(
        aesm::GetQuoteExResponse{.error_code = 0, .quote = quote, .qe_report_info = {}}));
  }

  // Whether a quote for a report that is marked so is the one for it.
  static bool quote_is_right(unsigned mark) {
    Arguments arguments;
    arguments.report.body.cpu_svn.svn[0] = static_cast<std::uint8_t>(mark);
    if (call(Function::kQuote, arguments) != SGX_SUCCESS) return false;
    return arguments.quote.front() == mark && arguments.quote.back() == mark;
  }
};

TEST_F(HardLife, ThirtyTwoThreadsMayBeginAtOnce) {
  const ThreadedService service(socket_, quote_report);
  constexpr int kThreads = 32;
  std::barrier start(kThreads);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      for (unsigned round = 0; round < 10; ++round) {
        if (!quote_is_right(1 + i + 32 * (round % 4))) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

// Whether `body` is true in a child. An exit code has eight bits, too few for a status.
template <class Body>
bool true_in_child(const Body& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(HardLife, ForkWithARequestInFlight) {
  std::promise<void> may_answer;
  std::shared_future<void> answered = may_answer.get_future().share();
  std::atomic<bool> asked = false;
  const ThreadedService service(socket_, [&](ServedConnection connection) {
    connection.read_request();
    if (connection.index() == 0) {
      asked = true;
      answered.wait_for(10s);
    }
    connection.write(aesm::encode_response_frame(bare_answer(Function::kSize, 0)));
  });
  std::thread parent([] {
    Arguments arguments;
    EXPECT_EQ(call(Function::kSize, arguments), SGX_SUCCESS);
  });
  while (!asked) std::this_thread::yield();
  EXPECT_TRUE(true_in_child([this] { return call(Function::kSize, arguments_) == SGX_SUCCESS; }));
  may_answer.set_value();
  parent.join();
}

TEST_F(HardLife, ChildrenOfChildrenCanAsk) {
  answer_with(bare_answer(Function::kSize, 0));
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_SUCCESS);
  const auto can_ask = [this] { return call(Function::kSize, arguments_) == SGX_SUCCESS; };
  EXPECT_TRUE(true_in_child([&can_ask] { return true_in_child(can_ask) && can_ask(); }));
}

TEST_F(HardLife, NothingIsInheritedByPrograms) {
  std::atomic<int> inheritable = -1;
  const ThreadedService service(socket_, [&](ServedConnection connection) {
    connection.read_request();
    int count = 0;
    for (int fd = 3; fd < 1024; ++fd) {
      const int flags = ::fcntl(fd, F_GETFD);
      if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ++count;
    }
    inheritable = count;
    connection.write(aesm::encode_response_frame(bare_answer(Function::kSize, 0)));
  });
  int before = 0;
  for (int fd = 3; fd < 1024; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ++before;
  }
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_SUCCESS);
  EXPECT_EQ(inheritable, before);
}

TEST_F(HardLife, WithoutDescriptorsTheServiceIsUnavailableAndLaterNot) {
  answer_with(bare_answer(Function::kSize, 0));
  Arguments arguments;  // no member: a sanitizer needs a descriptor to look at what `this` is
  {
    const NoDescriptors none;
    for (const Function function : kFunctions) {
      EXPECT_EQ(call(function, arguments), SGX_ERROR_SERVICE_UNAVAILABLE);
    }
  }
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_SUCCESS);
  EXPECT_EQ(connections(), 1);
}

// Delivers SIGALRM to this process every 100 microseconds while it lives; calls that wait end with
// EINTR, because the handler is installed without SA_RESTART.
class SignalStorm {
 public:
  SignalStorm() {
    struct sigaction action{};
    action.sa_handler = [](int) { ++count; };
    ::sigaction(SIGALRM, &action, &before_);
    const itimerval often{.it_interval = {.tv_sec = 0, .tv_usec = 100},
                          .it_value = {.tv_sec = 0, .tv_usec = 100}};
    ::setitimer(ITIMER_REAL, &often, nullptr);
  }
  SignalStorm(const SignalStorm&) = delete;
  SignalStorm& operator=(const SignalStorm&) = delete;
  ~SignalStorm() {
    const itimerval never{};
    ::setitimer(ITIMER_REAL, &never, nullptr);
    ::sigaction(SIGALRM, &before_, nullptr);
  }

  inline static std::atomic<int> count = 0;

 private:
  struct sigaction before_{};
};

TEST_F(HardLife, SignalStorm) {
  const ThreadedService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    const Bytes quote = filled(4600, 0x42);
    const Bytes frame = aesm::encode_response_frame(
        aesm::GetQuoteExResponse{.error_code = 0, .quote = quote, .qe_report_info = {}});
    for (std::size_t sent = 0; sent < frame.size(); sent += 500) {
      std::this_thread::sleep_for(1ms);
      connection.write(
          ByteView(frame).subspan(sent, std::min<std::size_t>(500, frame.size() - sent)));
    }
  });
  const SignalStorm storm;
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(call(Function::kQuote, arguments_), SGX_SUCCESS);
    ASSERT_EQ(arguments_.quote.back(), 0x42);
  }
  EXPECT_GT(SignalStorm::count, 20);
}

TEST_F(HardLife, SignalStormWhileNobodyIsThere) {
  set_timeout(300ms);
  const SignalStorm storm;
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_ERROR_SERVICE_UNAVAILABLE);
}

TEST_F(HardLife, SignalStormWhileTheBacklogIsFull) {
  set_timeout(300ms);
  const base::UniqueFd listener = aesm::test::listen_on(socket_, 0);
  const auto first = aesm::test::connect_at_once(socket_);
  const SignalStorm storm;
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_ERROR_SERVICE_TIMEOUT);
}

TEST_F(HardLife, NoSignalWhenTheServiceClosesInTheMiddleOfTheRequest) {
  turn_retry_off();
  const ThreadedService service(socket_, [](const ServedConnection&) {});
  // Were it raised, it would end this process.
  ASSERT_NE(::signal(SIGPIPE, SIG_DFL), SIG_ERR);
  const std::vector<std::uint8_t> list(std::size_t{4} * 1024 * 1024);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(sgx_select_att_key_id(list.data(), static_cast<std::uint32_t>(list.size()),
                                    &arguments_.key),
              SGX_ERROR_UNEXPECTED);
  }
}

TEST_F(HardLife, ErrnoIsLeftAlone) {
  turn_retry_off();
  for (const Function function : kFunctions) {
    errno = E2BIG;
    EXPECT_EQ(call(function, arguments_), SGX_ERROR_SERVICE_UNAVAILABLE);
    EXPECT_EQ(errno, E2BIG);
  }
}

TEST_F(HardLife, CancelledThreadFinishesItsCallFirst) {
  std::promise<void> may_answer;
  std::shared_future<void> answered = may_answer.get_future().share();
  std::atomic<bool> asked = false;
  const ThreadedService service(socket_, [&](ServedConnection connection) {
    connection.read_request();
    asked = true;
    answered.wait_for(10s);
    connection.write(aesm::encode_response_frame(bare_answer(Function::kSize, 0)));
  });
  static std::atomic<int> status;
  status = -1;
  const auto body = [](void*) -> void* {
    Arguments arguments;
    status = static_cast<int>(call(Function::kSize, arguments));
    for (;;) ::pause();
  };
  pthread_t thread{};
  ASSERT_EQ(::pthread_create(&thread, nullptr, body, nullptr), 0);
  while (!asked) std::this_thread::yield();
  ::pthread_cancel(thread);
  std::this_thread::sleep_for(20ms);
  may_answer.set_value();
  void* result = nullptr;
  ASSERT_EQ(::pthread_join(thread, &result), 0);
  EXPECT_EQ(result, PTHREAD_CANCELED);
  EXPECT_EQ(status, SGX_SUCCESS);
}

#ifndef QUOTED_SANITIZED  // a sanitizer's stack frames are larger, and its allocator ends the
                          // process
// What a thread gets whose maker thought of its own needs only.
TEST_F(HardLife, SmallStackSuffices) {
  const ThreadedService service(socket_, quote_report);
  const auto on_small_stack = [](void* (*body)(void*)) {
    const auto least = static_cast<std::size_t>(::sysconf(_SC_THREAD_STACK_MIN));
    pthread_attr_t attributes{};
    ::pthread_attr_init(&attributes);
    EXPECT_EQ(::pthread_attr_setstacksize(&attributes, least + std::size_t{16} * 1024), 0);
    pthread_t thread{};
    void* result = nullptr;
    EXPECT_EQ(::pthread_create(&thread, &attributes, body, nullptr), 0);
    EXPECT_EQ(::pthread_join(thread, &result), 0);
    ::pthread_attr_destroy(&attributes);
    return result != nullptr;
  };
  static Arguments arguments;  // the caller's own, and not on his small stack
  EXPECT_TRUE(on_small_stack([](void*) -> void* {
    arguments.report.body.cpu_svn.svn[0] = 0x42;
    const bool success = call(Function::kQuote, arguments) == SGX_SUCCESS;
    return success && arguments.quote.back() == 0x42 ? &arguments : nullptr;
  }));

  ::setenv("QUOTED_SOCKET", (directory_ / "nowhere/aesm.socket").c_str(), 1);
  turn_retry_off();
  sgx_trace_loglevel = QUOTED_TRACE_DEBUG;
  sgx_trace_logger_callback = [](int, const char*) {};
  EXPECT_TRUE(on_small_stack([](void*) -> void* {
    const sgx_status_t status = call(Function::kQuote, arguments);
    return status == SGX_ERROR_SERVICE_UNAVAILABLE ? &arguments : nullptr;
  })) << "finding words for a failure takes more";
}

TEST_F(HardLife, WithoutMemoryTheCallSaysSo) {
  const Bytes quote = filled(std::size_t{64} * 1024 * 1024, 0x42);
  const Bytes frame = aesm::encode_response_frame(
      aesm::GetQuoteExResponse{.error_code = 0, .quote = quote, .qe_report_info = {}});
  const ThreadedService service(socket_, [&](ServedConnection connection) {
    connection.read_request();
    connection.write(frame);
  });
  auto& a = arguments_;
  EXPECT_TRUE(true_in_child([&a] {
    const rlimit little{.rlim_cur = 1, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_AS, &little);
    return sgx_get_quote_ex(&a.report, &a.key, nullptr, a.quote.data(), 64 * 1024 * 1024) ==
           SGX_ERROR_OUT_OF_MEMORY;
  }));
}
#endif

}  // namespace
}  // namespace quoted::test
