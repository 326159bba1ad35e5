// The server against clients that send anything at any pace, or nothing, and do not read.
#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <thread>
#include <vector>

#include "service/testing/server_fixture.h"

namespace quoted::service {
namespace {

using base::Bytes;
using base::ByteView;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Sanitizers put a shadow beside all memory.
#if defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

Bytes hex(std::string_view digits) { return base::from_hex(digits).value(); }

Bytes framed(ByteView body) {
  const auto prefix = aesm::encode_frame_prefix(static_cast<std::uint32_t>(body.size()));
  Bytes out(prefix.begin(), prefix.end());
  base::append(out, body);
  return out;
}

std::size_t resident_bytes() {
  std::ifstream status("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  status >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* dir = ::opendir("/proc/self/fd");
  while (::readdir(dir) != nullptr) ++count;
  ::closedir(dir);
  return count;
}

using HostileServerTest = ServerTest;

TEST_F(HostileServerTest, ClosesWithoutAnAnswerOnWhatIsNotARequest) {
  start();
  const std::vector<std::pair<Bytes, std::string>> cases = {
      {framed({}), "QD3002"},                            // N = 0
      {framed(hex("2a0348987500")), "QD3001"},           // a retired message, then a bad tag
      {framed(hex("2a03489875")), "QD3002"},             // a retired message (number 5)
      {framed(hex("a201020801")), "QD3002"},             // number 20
      {framed(hex("aa01ff")), "QD3001"},                 // length beyond the end
      {framed(Bytes(1000, std::byte{0xFF})), "QD3001"},  // garbage
      {hex("ffffffff"), "QD3000"},
      {hex("01000100"), "QD3000"},  // one more than 64 KiB
  };
  for (const auto& [bytes, error] : cases) {
    const std::size_t before = log_.lines_with("request_malformed").size();
    RawClient client = connect();
    client.send(bytes);
    EXPECT_TRUE(client.closed_by_peer()) << base::to_hex(bytes);
    const auto lines = log_.lines_with("request_malformed");
    ASSERT_THAT(lines, SizeIs(before + 1)) << base::to_hex(bytes);
    EXPECT_THAT(lines.back(), AllOf(HasSubstr("\"error\":\"" + error + "\""),
                                    HasSubstr("\"request\":\"none\""), HasSubstr("\"reason\":"),
                                    HasSubstr("\"uid\":1001"), HasSubstr("\"pid\":1003")));
  }
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
}

TEST_F(HostileServerTest, AnOversizeLengthAllocatesNothing) {
  start();
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
  const std::size_t before = resident_bytes();
  for (int i = 0; i < 200; ++i) {
    RawClient client = connect();
    client.send(hex("ffffff7f"));
    EXPECT_TRUE(client.closed_by_peer());
  }
  // 2 GiB for each if the length were believed; a sanitizer keeps what was freed for a while.
  EXPECT_LT(resident_bytes(), before + (64U << 20U));
}

TEST_F(HostileServerTest, AnAnnouncedLengthCostsWhatIsSent) {
  start();
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
  const std::size_t before = resident_bytes();
  std::vector<RawClient> clients;
  for (int i = 0; i < 400; ++i) {
    clients.push_back(connect());
    clients.back().send(hex("0000010000"));  // 64 KiB announced, one byte sent
    clients.back().await_taken();
  }
  // 25 MiB more if the announcement were believed. A sanitizer takes half of that for 400
  // connections, more or less by what ran before in this process.
  EXPECT_LT(resident_bytes(), before + (20U << 20U));
}

TEST_F(HostileServerTest, SurvivesRandomBytes) {
  start();
  std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same bytes in every run
  std::uniform_int_distribution<int> byte(0, 255);
  std::uniform_int_distribution<std::size_t> size(0, 300);
  for (int i = 0; i < 300; ++i) {
    Bytes body(size(random));
    for (std::byte& b : body) b = static_cast<std::byte>(byte(random));
    RawClient client = connect();
    client.send(i % 2 == 0 ? framed(body) : body);
    client.end_of_requests();
    while (client.receive()) {
    }
  }
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
}

TEST_F(HostileServerTest, AnyTruncationThenCloseIsDropped) {
  options_.threads = 1;
  start();
  const Bytes frame = aesm::encode_request_frame(num_key_ids());
  ASSERT_THAT(frame, SizeIs(7));
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const std::size_t before = log_.lines_with("connection_broken").size();
    RawClient client = connect();
    client.send(ByteView(frame).first(size));
    client.end_of_requests();
    EXPECT_TRUE(client.closed_by_peer());
    // Closing without having sent anything is nothing to speak of.
    EXPECT_THAT(log_.lines_with("connection_broken"), SizeIs(before + (size > 0 ? 1 : 0)));
  }
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
}

TEST_F(HostileServerTest, AbruptCloseAtAnyPointHarmsNobody) {
  start();
  const Bytes large = aesm::encode_request_frame(get_quote(1024 * 1024));
  for (std::size_t size = 0; size <= large.size(); size += 31) {
    RawClient client = connect();
    client.send(ByteView(large).first(size));
  }
  // With an answer left unread, which resets the connection.
  for (int i = 0; i < 20; ++i) {
    RawClient client = connect();
    client.send(get_quote());
    client.send(get_quote());
    client.await_taken();
  }
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
}

TEST_F(HostileServerTest, StalledClientsDelayNobody) {
  options_.deadlines.read = 2s;
  start();
  const auto begin = Clock::now();
  std::vector<RawClient> stalled;
  for (int i = 0; i < 100; ++i) {
    stalled.push_back(connect());
    stalled.back().send(i % 2 == 0 ? hex("40") : hex("40000000ffff"));
    stalled.back().await_taken();
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(), kNumKeyIdsAnswer);
  EXPECT_THAT(log_.lines_with("connection_stalled"), IsEmpty());
  for (RawClient& client : stalled) EXPECT_TRUE(client.closed_by_peer());
  EXPECT_GE(Clock::now() - begin, 2s);
  EXPECT_THAT(logged("in the length prefix"), HasSubstr("connection_stalled"));
  EXPECT_THAT(logged("in the body"), HasSubstr("QD3008"));
}

TEST_F(HostileServerTest, PrefixAndBodyHaveADeadlineEach) {
  options_.deadlines.read = 1s;
  start();
  const Bytes frame = aesm::encode_request_frame(num_key_ids());
  RawClient client = connect();
  client.send(ByteView(frame).first(3));
  std::this_thread::sleep_for(600ms);
  client.send(ByteView(frame).subspan(3, 2));
  std::this_thread::sleep_for(600ms);
  client.send(ByteView(frame).subspan(5));
  EXPECT_TRUE(client.receive());
  // A byte now and then does not extend a phase.
  const auto begin = Clock::now();
  const Bytes long_frame = aesm::encode_request_frame(get_quote());
  client.send(ByteView(long_frame).first(4));
  for (std::size_t i = 4; client.send(ByteView(long_frame).subspan(i, 1)); ++i) {
    std::this_thread::sleep_for(10ms);
    ASSERT_LT(Clock::now() - begin, 5s);
  }
}

TEST_F(HostileServerTest, AConnectionThatAsksNothingIsClosed) {
  options_.deadlines.first_request = 200ms;
  start();
  const auto begin = Clock::now();
  RawClient silent = connect();
  EXPECT_TRUE(silent.closed_by_peer());
  EXPECT_GE(Clock::now() - begin, 200ms);
  EXPECT_THAT(logged("connection_idle"), HasSubstr("\"level\":\"debug\""));
}

TEST_F(HostileServerTest, AConnectionThatAsksNoMoreIsClosed) {
  options_.deadlines.next_request = 200ms;
  start();
  RawClient client = connect();
  client.send(num_key_ids());
  EXPECT_TRUE(client.receive());
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_THAT(log_.lines_with("connection_idle"), SizeIs(1));
}

TEST_F(HostileServerTest, AReaderThatNeverReadsIsCutOff) {
  options_.threads = 1;
  options_.deadlines.write = 4s;
  start();
  std::vector<RawClient> lazy;
  for (int i = 0; i < 20; ++i) {
    lazy.push_back(connect());
    lazy.back().send(get_quote(1024 * 1024));
  }
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
  EXPECT_THAT(log_.lines_with("connection_stalled"), IsEmpty());
  EXPECT_THAT(logged("connection_stalled", lazy.size()),
              AllOf(HasSubstr("\"request\":\"GetQuoteEx\""), HasSubstr("untaken")));
  for (RawClient& client : lazy) EXPECT_FALSE(client.receive());
}

TEST_F(HostileServerTest, ASlowReaderGetsAllOfItsAnswer) {
  start();
  RawClient client = connect();
  client.send(get_quote(1024 * 1024));
  std::this_thread::sleep_for(100ms);
  EXPECT_TRUE(is_success(client.receive()));
}

TEST_F(HostileServerTest, AnUntiringClientDoesNotKeepTheLoopToItself) {
  options_.threads = 1;
  start();
  std::atomic<bool> stop = false;
  std::jthread greedy([&] {
    RawClient client = connect();
    Bytes burst;
    for (int i = 0; i < 200; ++i) {
      base::append(burst, aesm::encode_request_frame(num_key_ids()));
    }
    while (!stop && client.send(burst)) {
      for (int i = 0; i < 200; ++i) client.receive();
    }
  });
  for (int i = 0; i < 20; ++i) {
    const auto begin = Clock::now();
    EXPECT_EQ(ask(), kNumKeyIdsAnswer);
    EXPECT_LT(Clock::now() - begin, 1s);
  }
  stop = true;
}

TEST_F(HostileServerTest, ManyIdleConnectionsCostADescriptorAndLittleMemoryEach) {
  constexpr std::size_t kPerConnection = kSanitized ? 64 * 1024 : 8 * 1024;
  constexpr std::size_t kConnections = 300;
  start();
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
  const std::size_t memory = resident_bytes();
  const std::size_t descriptors = open_descriptors();
  std::vector<RawClient> clients;
  clients.reserve(kConnections);
  for (std::size_t i = 0; i < kConnections; ++i) clients.push_back(connect());
  for (RawClient& client : clients) {
    client.send(num_key_ids());
    EXPECT_TRUE(client.receive());
  }
  // Both ends are in this process.
  EXPECT_LE(open_descriptors(), descriptors + 2 * kConnections);
  EXPECT_LE(resident_bytes(), memory + kConnections * kPerConnection);
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);
}

// Serves in a process of its own that may open few descriptors, until told to end.
void serve_with_few_descriptors(int listening, int until_closed) {
  const rlimit few{.rlim_cur = 64, .rlim_max = 64};
  ::setrlimit(RLIMIT_NOFILE, &few);
  test::CapturedLog log;
  test::FakePlatform platform;
  const KernelPeerResolver peers;
  ServerOptions options;
  options.threads = 2;
  options.deadlines.first_request = kNever;
  options.deadlines.drain = 100ms;
  auto server = Server::start(listening, options, platform, peers, log.logger());
  if (!server) ::_exit(1);
  pollfd wait{.fd = until_closed, .events = POLLIN, .revents = 0};
  ::poll(&wait, 1, 30'000);
  (*server)->stop();
  ::_exit(log.lines_with("accept_failed").empty() ? 2 : 0);
}

TEST_F(HostileServerTest, SurvivesTheEndOfDescriptors) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const base::UniqueFd read_end(pipe[0]);
  base::UniqueFd write_end(pipe[1]);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    write_end.reset();
    serve_with_few_descriptors(listening_->fd(), read_end.get());
  }

  RawClient early = connect();
  early.send(num_key_ids());
  EXPECT_TRUE(early.receive());
  std::vector<RawClient> idle;
  idle.reserve(100);
  for (int i = 0; i < 100; ++i) idle.push_back(connect());
  // Those who are in are served on, while the others wait in the backlog at no cost.
  std::this_thread::sleep_for(500ms);
  early.send(num_key_ids());
  EXPECT_TRUE(early.receive());
  // And it recovers.
  idle.clear();
  EXPECT_EQ(ask(), kNumKeyIdsAnswer);

  write_end.reset();
  int status = 0;
  rusage usage{};
  ASSERT_EQ(::wait4(child, &status, 0, &usage), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  // Two loops that spin take a second of CPU in this time.
  EXPECT_LT(usage.ru_utime.tv_sec, 1);
  EXPECT_LT(usage.ru_stime.tv_sec * 1'000'000 + usage.ru_stime.tv_usec, 300'000);
}

}  // namespace
}  // namespace quoted::service
