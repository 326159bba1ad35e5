#include "quoted_inproc/simulated/backend.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <functional>
#include <thread>

#include "base/file.h"
#include "crypto/pem.h"
#include "quote/quote.h"
#include "quoted_inproc/simulated/testing.h"
#include "quoted_inproc/simulated_backend.h"
#include "quoting/simulated_platform.h"
#include "simulation/testing/quote_checks.h"

namespace quoted::inproc {
namespace {

using testing::HasSubstr;

constexpr std::size_t kAmple = 16'384;
constexpr int kLost = 0x14;
constexpr int kNotInitialized = 0x0F;

// The last byte of the number with which a call refuses; 0 when it does not.
template <class T>
int number_of(const Answer<T>& answer) {
  return answer ? 0 : static_cast<int>(answer.error().code) & 0xFF;
}

// What `body` gives in a child of this process, which has to end by itself.
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

class SimulatedBackendTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(backend_.set_path(PathType::kQpl, FAKE_PROVIDER));
    fake_.give(certification());
  }

  // Of the machine, by its manufacturer.
  static const simulation::PckCertification& certification() {
    static const simulation::PckCertification known = [] {
      quoting::SimulatedPlatformOptions options;
      options.now = test::kNow;
      options.notice = [](const std::string&) {};
      options.certified_from_outside = true;
      const auto platform =
          quoting::SimulatedPlatform::create(simulation::MasterSeed::development(), options)
              .value();
      return simulation::test::pck_answer(platform->queries().front().pck, test::kNow);
    }();
    return known;
  }

  [[nodiscard]] Answer<base::Bytes> quote(std::size_t room = kAmple) {
    auto target = backend_.target_info();
    if (!target) return tl::unexpected(target.error());
    return quote_for(*target, room);
  }
  [[nodiscard]] Answer<base::Bytes> quote_for(const sgx::TargetInfo& target,
                                              std::size_t room = kAmple) {
    std::vector<std::uint8_t> buffer(room, 0xEE);
    const auto size = backend_.quote_size();
    if (!size) return tl::unexpected(size.error());
    const auto made = backend_.quote(machine_.report_for(target), buffer);
    if (!made) return tl::unexpected(made.error());
    EXPECT_TRUE(std::all_of(buffer.begin() + *size, buffer.end(),
                            [](std::uint8_t byte) { return byte == 0xEE; }));
    return base::to_bytes(std::as_bytes(std::span(buffer)).first(*size));
  }

  // MiB of this process, or of another, as a third one sees it.
  [[nodiscard]] int charged(pid_t host = ::getpid()) const {
    return in_child([&] {
      const auto usage = simulation::EpcLedger::open(machine_.ledger()).value()->usage().value();
      std::uint64_t bytes = 0;
      for (const auto& user : usage.others) {
        if (user.pid == host) bytes += user.bytes;
      }
      return static_cast<int>(bytes / simulation::kMebibyte);
    });
  }

  test::Machine machine_;
  test::FakeProvider fake_;
  SimulatedBackend backend_{machine_.provision_file()};
};

TEST_F(SimulatedBackendTest, MakesGenuineQuotes) {
  const auto made = quote();
  ASSERT_TRUE(made) << made.error().reason;
  const auto parsed = quote::Quote::parse(*made).value();
  const auto chain = crypto::parse_pem_chain(base::as_text(parsed.certification_data)).value();
  simulation::test::expect_genuine(parsed, chain.front().public_key());
  EXPECT_EQ(charged(), 2);
}

TEST_F(SimulatedBackendTest, RefusesAsTheLibraryDoes) {
  EXPECT_EQ(number_of(backend_.quote_size()), kNotInitialized);
  const auto target = backend_.target_info();
  ASSERT_TRUE(target);
  const std::uint32_t size = backend_.quote_size().value();
  EXPECT_EQ(number_of(quote(size)), 0);
  EXPECT_EQ(number_of(quote(size - 1)), 0x02);
  EXPECT_EQ(number_of(quote_for({})), 0x15);
  fake_.fail(0xE047);
  EXPECT_EQ(number_of(quote()), 0x47);
}

TEST_F(SimulatedBackendTest, WithoutAProviderQuotesAreOfType3) {
  SimulatedBackend other(machine_.provision_file());
  ASSERT_TRUE(other.set_path(PathType::kQpl, "/nowhere.so"));
  ASSERT_TRUE(other.target_info());
  EXPECT_EQ(other.quote_size().value(), 1456U);
}

TEST_F(SimulatedBackendTest, EnclavePathsAreLookedAtWhenTheyAreLoaded) {
  ASSERT_TRUE(backend_.set_path(PathType::kQe3, "/etc/passwd"));
  EXPECT_EQ(number_of(backend_.target_info()), 0x16);
  ASSERT_TRUE(backend_.set_path(PathType::kPce, "/etc/passwd"));
  EXPECT_EQ(number_of(backend_.target_info()), 0x0D);
  ASSERT_TRUE(backend_.set_path(PathType::kPce, "/usr/lib/libsgx_pce.signed.so.1"));
  ASSERT_TRUE(backend_.set_path(PathType::kQe3, "/usr/lib/libsgx_qe3.signed.so.1"));
  ASSERT_TRUE(backend_.set_path(PathType::kIde, "/etc/passwd"));
  EXPECT_EQ(number_of(backend_.target_info()), 0x16);
}

TEST_F(SimulatedBackendTest, SaysWhoUsesTheMemoryThatIsMissing) {
  ASSERT_TRUE(simulation::EpcLedger::create(machine_.ledger(), 1));
  const auto refused = backend_.target_info();
  EXPECT_EQ(number_of(refused), 0x12);
  EXPECT_THAT(refused.error().reason, HasSubstr("2 MiB"));
}

TEST_F(SimulatedBackendTest, PoliciesUnloadAndLoad) {
  ASSERT_TRUE(backend_.set_load_policy(LoadPolicy::kEphemeral));
  EXPECT_EQ(number_of(quote()), 0);
  EXPECT_EQ(charged(), 0);
  ASSERT_TRUE(backend_.set_load_policy(LoadPolicy::kPersistent));
  EXPECT_EQ(number_of(quote()), 0);
  EXPECT_EQ(charged(), 2);
  ASSERT_TRUE(backend_.set_load_policy(LoadPolicy::kEphemeral));
  EXPECT_EQ(charged(), 0);
}

TEST_F(SimulatedBackendTest, ServesManyThreadsInTheirTurn) {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 4; ++j) good += quote().has_value() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 128);
  EXPECT_EQ(charged(), 2);
}

// ---- fork()

TEST_F(SimulatedBackendTest, AChildHasNoEnclavesUntilThePolicyWasEphemeral) {
  const auto target = backend_.target_info();
  ASSERT_TRUE(target);
  const pid_t parent = ::getpid();
  EXPECT_EQ(in_child([&] {
              if (number_of(backend_.quote_size()) != kLost) return 1;
              if (number_of(backend_.target_info()) != kLost) return 2;
              if (!backend_.set_load_policy(LoadPolicy::kPersistent)) return 3;
              if (number_of(backend_.target_info()) != kLost) return 4;
              if (!backend_.set_load_policy(LoadPolicy::kEphemeral)) return 5;
              if (!backend_.set_load_policy(LoadPolicy::kPersistent)) return 6;
              if (number_of(backend_.quote_size()) != kNotInitialized) return 7;
              if (!quote()) return 8;
              if (charged(::getpid()) != 2) return 9;
              // It unloads its own, and the parent's stay.
              if (!backend_.set_load_policy(LoadPolicy::kEphemeral)) return 10;
              if (charged(::getpid()) != 0) return 11;
              return charged(parent) == 2 ? 0 : 12;
            }),
            0);
  EXPECT_EQ(charged(), 2);
  EXPECT_EQ(number_of(quote_for(*target)), 0);
}

TEST_F(SimulatedBackendTest, AChildOfAProcessWithoutEnclavesLoadsItsOwn) {
  EXPECT_EQ(in_child([&] { return number_of(quote()); }), 0);
  ASSERT_TRUE(backend_.set_load_policy(LoadPolicy::kEphemeral));
  EXPECT_EQ(number_of(quote()), 0);
  EXPECT_EQ(in_child([&] { return number_of(quote()); }), 0);
}

TEST_F(SimulatedBackendTest, AGrandchildDoesNotFindWhatItsParentLost) {
  ASSERT_TRUE(backend_.target_info());
  EXPECT_EQ(in_child([&] { return in_child([&] { return number_of(backend_.target_info()); }); }),
            kLost);
}

TEST_F(SimulatedBackendTest, ForkingWhileOthersQuoteHangsNobody) {
  ASSERT_TRUE(backend_.target_info());
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop) (void)quote();
    });
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(in_child([&] {
                if (number_of(backend_.target_info()) != kLost) return 1;
                if (!backend_.set_load_policy(LoadPolicy::kEphemeral)) return 2;
                return quote() ? 0 : 3;
              }),
              0);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

// A provider that waits for the network must not keep the process from forking.
TEST_F(SimulatedBackendTest, ForkingWaitsForNoProvider) {
  static std::atomic<int> arrived = 0;
  static std::atomic<bool> go_on = false;
  fake_.during_a_call([] {
    ++arrived;
    while (!go_on) ::usleep(1000);
  });
  std::thread waiting([&] { (void)backend_.target_info(); });
  while (arrived == 0) ::usleep(1000);
  EXPECT_EQ(in_child([] { return 0; }), 0);
  go_on = true;
  waiting.join();
}

TEST(OpenSimulatedBackend, TakesTheMachineThatTheEnvironmentNames) {
  const test::Machine machine;
  ASSERT_EQ(::setenv("QUOTED_SIMULATED_PROVISION", machine.provision_file().c_str(), 1), 0);
  {
    const auto backend = open_simulated_backend();
    ASSERT_TRUE(backend);
    ASSERT_TRUE((*backend)->set_path(PathType::kQpl, "/nowhere.so"));
    EXPECT_TRUE((*backend)->target_info());
  }
  ASSERT_EQ(::setenv("QUOTED_SIMULATED_PROVISION", "/nowhere/simulated-provision", 1), 0);
  const auto backend = open_simulated_backend();
  const auto refused = (*backend)->target_info();
  EXPECT_EQ(number_of(refused), 0x0D);
  EXPECT_THAT(refused.error().reason,
              HasSubstr("/nowhere/simulated-provision: No such file or directory"));
  ::unsetenv("QUOTED_SIMULATED_PROVISION");
}

}  // namespace
}  // namespace quoted::inproc
