// libsgx_quote_ex against services that are slow, silent, mad or gone: always the documented
// status, always in time (aesm-protocol 1.7, 4.2).
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/un.h>

#include <array>
#include <fstream>
#include <thread>

#include "library_test.h"

namespace quoted::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kShort = 200ms;
// How late a busy machine may be. Still less than any limit that could be reached by mistake.
constexpr auto kSlack = 10s;

Bytes success(Function function) { return aesm::encode_response_frame(bare_answer(function, 0)); }

std::atomic<int> repetitions;

class HostileService : public LibraryTest {
 protected:
  HostileService() {
    repetitions = 0;
    sgx_trace_loglevel = QUOTED_TRACE_NOTICE;
    sgx_trace_logger_callback = [](int level, const char* /*message*/) {
      if (level == QUOTED_TRACE_NOTICE - 1) ++repetitions;
    };
  }

  // That every function ends with `status` at the first attempt.
  void expect_all_at_once(sgx_status_t status) {
    expect_all(status, 0ms, kSlack);
    EXPECT_EQ(repetitions, 0);
  }

  // That every function ends with `status` between these two times.
  void expect_all(sgx_status_t status, std::chrono::milliseconds at_least,
                  std::chrono::milliseconds at_most) {
    for (const Function function : kFunctions) {
      const auto start = Clock::now();
      EXPECT_EQ(call(function, arguments_), status) << static_cast<int>(function);
      const auto elapsed = Clock::now() - start;
      EXPECT_GE(elapsed, at_least) << static_cast<int>(function);
      EXPECT_LE(elapsed, at_most) << static_cast<int>(function);
    }
  }
};

TEST_F(HostileService, Silent) {
  set_timeout(kShort);
  const ThreadedService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    connection.wait_until_client_closes();
  });
  expect_all(SGX_ERROR_SERVICE_TIMEOUT, kShort, kShort + kSlack);
}

TEST_F(HostileService, DoesNotEvenRead) {
  set_timeout(kShort);
  const base::UniqueFd listener = aesm::test::listen_on(socket_, 64);
  expect_all(SGX_ERROR_SERVICE_TIMEOUT, kShort, kShort + kSlack);
}

TEST_F(HostileService, DoesNotEvenAccept) {
  set_timeout(kShort);
  const base::UniqueFd listener = aesm::test::listen_on(socket_, 0);
  std::vector<base::UniqueFd> waiting;
  for (auto fd = aesm::test::connect_at_once(socket_); fd.valid();
       fd = aesm::test::connect_at_once(socket_)) {
    waiting.push_back(std::move(fd));
  }
  expect_all(SGX_ERROR_SERVICE_TIMEOUT, kShort, kShort + kSlack);
}

TEST_F(HostileService, StopsInTheMiddle) {
  set_timeout(kShort);
  for (const std::size_t sent : {std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{5}}) {
    const ThreadedService service(socket_, [&](ServedConnection connection) {
      connection.read_request();
      connection.write(ByteView(success(Function::kSize)).first(sent));
      connection.wait_until_client_closes();
    });
    EXPECT_EQ(call(Function::kSize, arguments_), SGX_ERROR_SERVICE_TIMEOUT) << sent;
  }
}

TEST_F(HostileService, Drips) {
  set_timeout(kShort);
  const ThreadedService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    Bytes frame(4);
    frame[0] = std::byte{200};
    frame.resize(204);
    for (const std::byte byte : frame) {
      if (!connection.write(ByteView(&byte, 1))) return;
      std::this_thread::sleep_for(20ms);
    }
  });
  expect_all(SGX_ERROR_SERVICE_TIMEOUT, kShort, kShort + kSlack);
}

TEST_F(HostileService, SlowButInTime) {
  const ThreadedService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    std::this_thread::sleep_for(300ms);
    connection.write(success(Function::kSize));
  });
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_SUCCESS);
}

TEST_F(HostileService, OneByteAtATime) {
  const Bytes quote = filled(600, 0x42);
  const Bytes frame = aesm::encode_response_frame(
      aesm::GetQuoteExResponse{.error_code = 0, .quote = quote, .qe_report_info = {}});
  const ThreadedService service(socket_, [frame](ServedConnection connection) {
    connection.read_request();
    for (const std::byte& byte : frame) {
      connection.write(ByteView(&byte, 1));
      connection.wait_until_taken();
    }
  });
  EXPECT_EQ(call(Function::kQuote, arguments_), SGX_SUCCESS);
  EXPECT_EQ(arguments_.quote[599], 0x42);
  EXPECT_EQ(arguments_.quote[600], 0);
}

TEST_F(HostileService, AnswersTwice) {
  const ThreadedService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    connection.write(success(Function::kSize));
    connection.write(success(Function::kQuote));
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(call(Function::kSize, arguments_), SGX_SUCCESS);
}

TEST_F(HostileService, AnswersBeforeItWasAsked) {
  const ThreadedService service(socket_, [](ServedConnection connection) {
    connection.write(success(Function::kSize));
    connection.wait_until_client_closes();
  });
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_SUCCESS);
}

TEST_F(HostileService, AnnouncesFourGibibytes) {
  const ThreadedService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    connection.write(filled(4, 0xFF));
    connection.wait_until_client_closes();
  });
  expect_all_at_once(SGX_ERROR_UNEXPECTED);
  EXPECT_EQ(service.connections(), 6) << "a mad answer is no reason to ask again";
}

// Where the caller claims to have room for that much, its announcement is believed, but nothing is
// allocated for it before it arrives.
TEST_F(HostileService, AnnouncesFourGibibytesToOneWhoAskedForThem) {
  turn_retry_off();
  const ThreadedService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    connection.write(filled(4, 0xFF));
    connection.write(filled(100'000, 0xFF));
  });
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  auto& a = arguments_;
  EXPECT_EQ(sgx_get_quote_ex(&a.report, &a.key, nullptr, a.quote.data(), 0xFFFFFFFF),
            SGX_ERROR_UNEXPECTED);
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  constexpr long kKibibytes = 64 * 1024;
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, kKibibytes);
}

TEST_F(HostileService, ClosesEarlyForEver) {
  for (const std::size_t sent : {std::size_t{0}, std::size_t{2}, std::size_t{5}}) {
    const ThreadedService service(socket_, [&](ServedConnection connection) {
      connection.read_request();
      connection.write(ByteView(success(Function::kSize)).first(sent));
    });
    EXPECT_EQ(call(Function::kSize, arguments_), SGX_ERROR_UNEXPECTED);
    EXPECT_EQ(service.connections(), 17) << "the first and 16 repetitions";
  }
}

TEST_F(HostileService, ClosesEarlyForEverWithRetryOff) {
  turn_retry_off();
  const ThreadedService service(socket_,
                                [](ServedConnection connection) { connection.read_request(); });
  expect_all_at_once(SGX_ERROR_UNEXPECTED);
  EXPECT_EQ(service.connections(), 6);
}

TEST_F(HostileService, ClosesWithoutReading) {
  turn_retry_off();
  const ThreadedService service(socket_, [](const ServedConnection&) {});
  expect_all_at_once(SGX_ERROR_UNEXPECTED);
}

TEST_F(HostileService, ClosesAFewTimesAndThenAnswers) {
  const ThreadedService service(socket_, [](ServedConnection connection) {
    if (connection.index() < 5) return;
    connection.read_request();
    connection.write(success(Function::kQuote));
  });
  EXPECT_EQ(call(Function::kQuote, arguments_), SGX_SUCCESS);
  EXPECT_EQ(service.connections(), 6);
}

TEST_F(HostileService, NotThereAtAll) {
  const auto start = Clock::now();
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_ERROR_SERVICE_UNAVAILABLE);
  EXPECT_GE(Clock::now() - start, 1900ms) << "the time a restart may take";
  EXPECT_LT(Clock::now() - start, 2s + kSlack);
  EXPECT_GT(repetitions, 0);
}

TEST_F(HostileService, NotThereWithRetryOff) {
  turn_retry_off();
  expect_all_at_once(SGX_ERROR_SERVICE_UNAVAILABLE);
}

TEST_F(HostileService, LeftItsSocketBehind) {
  {
    const base::UniqueFd gone = aesm::test::listen_on(socket_, 1);
  }
  turn_retry_off();
  expect_all_at_once(SGX_ERROR_SERVICE_UNAVAILABLE);
}

TEST_F(HostileService, FileInPlaceOfTheSocketIsNotWaitedFor) {
  std::ofstream(socket_) << "not a socket";
  expect_all_at_once(SGX_ERROR_SERVICE_UNAVAILABLE);
}

TEST_F(HostileService, SocketOfAnotherTypeIsNotWaitedFor) {
  const base::UniqueFd datagrams(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(datagrams.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
            0);
  expect_all_at_once(SGX_ERROR_SERVICE_UNAVAILABLE);
}

TEST_F(HostileService, PathTooLong) {
  ::setenv("QUOTED_SOCKET", ("/" + std::string(200, 'x')).c_str(), 1);
  expect_all_at_once(SGX_ERROR_SERVICE_UNAVAILABLE);
}

TEST_F(HostileService, ComesLate) {
  ::setenv("QUOTED_RETRY", "14000", 1);
  std::thread starter([this] {
    while (repetitions < 3) std::this_thread::sleep_for(1ms);
    answer_with(bare_answer(Function::kSize, 0));
  });
  EXPECT_EQ(call(Function::kSize, arguments_), SGX_SUCCESS);
  starter.join();
}

// The limit that everybody gets who sets nothing. One thread meets silence, one a trickle that
// would keep a limit per step from ever being reached.
TEST_F(HostileService, PatienceEndsAfterFifteenSeconds) {
  const ThreadedService service(socket_, [](ServedConnection connection) {
    connection.read_request();
    Bytes frame(4);
    frame[0] = std::byte{250};
    frame.resize(254);
    if (connection.index() == 0) frame.clear();
    for (const std::byte byte : frame) {
      if (!connection.write(ByteView(&byte, 1))) return;
      std::this_thread::sleep_for(100ms);
    }
    // Longer than a single wait of the service, which gives up earlier than the client.
    for (int i = 0; i < 2; ++i) connection.wait_until_client_closes();
  });
  std::vector<std::thread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([] {
      Arguments arguments;
      const auto start = Clock::now();
      EXPECT_EQ(call(Function::kSize, arguments), SGX_ERROR_SERVICE_TIMEOUT);
      EXPECT_GE(Clock::now() - start, 15s);
      EXPECT_LT(Clock::now() - start, 15s + kSlack);
    });
  }
  for (std::thread& caller : callers) caller.join();
}

}  // namespace
}  // namespace quoted::test
