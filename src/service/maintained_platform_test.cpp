#include "service/maintained_platform.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <thread>

#include "base/file.h"
#include "fakes/captured_log.h"
#include "service/testing/certification_samples.h"
#include "simulation/cpu/published_cpu.h"
#include "simulation/testing/epc_host.h"
#include "test_support/temp_dir.h"

namespace quoted::service {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using quoting::CertificationState;
using testing::HasSubstr;
using testing::SizeIs;

// Plays the certifier's side by hand.
class MaintainedPlatformTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<MaintainedPlatform> start(
      bool from_outside = true, std::chrono::milliseconds first_answer = 1ms) {
    quoting::SimulatedPlatformOptions options;
    options.state_dir = dir_ / "state";
    options.now = clock_.now();
    options.notice = [](const std::string&) {};
    options.certified_from_outside = from_outside;
    options.epc = epc_;
    auto platform =
        quoting::SimulatedPlatform::create(simulation::MasterSeed::development(), options).value();
    return MaintainedPlatform::start(std::move(platform), from_outside ? &ends_.first : nullptr,
                                     {.published_cpu = dir_ / "simulated-cpu",
                                      .status_file = dir_ / "quoted.json",
                                      .provision = dir_ / "simulated-provision",
                                      .epc = epc_,
                                      .platform_manifest = base::Bytes(8, std::byte{1}),
                                      .first_answer = first_answer,
                                      .ask_again = ask_again_,
                                      .remind = 10min},
                                     clock_, log_.logger())
        .value();
  }

  template <class Condition>
  static bool eventually(Condition condition) {
    const auto give_up = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      std::this_thread::sleep_for(2ms);
    }
    return true;
  }

  CertificationWish next_wish() {
    std::optional<CertificationWish> wish;
    EXPECT_TRUE(eventually([&] {
      auto received = certifier_.receive_wish();
      if (received && *received) wish = **received;
      return wish.has_value();
    }));
    return wish.value_or(CertificationWish());
  }

  void answer(const CertificationWish& wish) {
    certifier_.send(CertificationAnswer{
        .id = wish.id,
        .certificate =
            CertificationAnswer::Certificate{.pck = test::certificate_for(wish),
                                             .stale = false,
                                             .source = "pcs http://127.0.0.1:1/",
                                             .fetched = test::kNow,
                                             .refresh_at = test::kNow + std::chrono::hours(1)},
        .failure = {}});
  }

  [[nodiscard]] base::Status upgrade_node() const {
    const auto file = dir_ / "state" / "node.json";
    const auto before = simulation::load_node_state(file).value();
    simulation::NodeLevel level = before.present;
    level.cpu_svn.mutable_view()[0] = std::byte{0x0C};
    return simulation::save_node_state(file,
                                       simulation::upgraded(before, level, clock_.now()).value());
  }

  [[nodiscard]] ServiceStatus status() { return read_status(dir_ / "quoted.json").value(); }
  [[nodiscard]] bool status_says(const std::string& state) {
    return eventually([&] { return status().state == state; });
  }

  std::chrono::milliseconds ask_again_ = 10min;
  quoted::test::TempDir dir_;
  std::shared_ptr<simulation::EpcLedger> epc_ =
      simulation::EpcLedger::create(dir_ / "simulated-epc", 5).value();
  base::SystemClock clock_;
  quoted::test::CapturedLog log_;
  std::pair<CertificationLink, CertificationLink> ends_ = CertificationLink::create().value();
  CertificationLink& certifier_ = ends_.second;
};

TEST_F(MaintainedPlatformTest, OnItsOwnItIsCertifiedFromTheStart) {
  const auto platform = start(false);
  EXPECT_EQ(platform->snapshot()->state, CertificationState::kCertified);
  EXPECT_TRUE(status_says("certified"));
  EXPECT_TRUE(status().simulated);
  EXPECT_EQ(status().source, "");
  EXPECT_TRUE(std::filesystem::exists(dir_ / "simulated-cpu"));
}

TEST_F(MaintainedPlatformTest, WaitsForTheAnswerOutOfTheCache) {
  std::thread certifier([&] { answer(next_wish()); });
  const auto platform = start(true, 30s);
  certifier.join();
  EXPECT_EQ(platform->snapshot()->state, CertificationState::kCertified);
}

TEST_F(MaintainedPlatformTest, StartsWithoutAnAnswerAndIsCertifiedWhenItComes) {
  const auto platform = start();
  const CertificationWish wish = next_wish();
  EXPECT_TRUE(status_says("certifying"));
  EXPECT_FALSE(platform->snapshot()->can_quote());

  certifier_.send(CertificationAnswer{.id = wish.id,
                                      .certificate = {},
                                      .failure = base::Error(ErrorCode::kHostNotFound, "no DNS")});
  ASSERT_TRUE(status_says("uncertified"));
  EXPECT_THAT(status().reason, testing::Optional(HasSubstr("QD4201: no DNS")));
  EXPECT_EQ(platform->snapshot()->reason->code(), ErrorCode::kHostNotFound);
  EXPECT_THAT(log_.lines_with("\"state\":\"uncertified\""), SizeIs(1));

  answer(wish);
  ASSERT_TRUE(status_says("certified"));
  EXPECT_TRUE(platform->snapshot()->can_quote());
  EXPECT_EQ(status().source, "pcs http://127.0.0.1:1/");
  EXPECT_EQ(status().tcb->fmspc, simulation::kSimulatedFmspc);
  EXPECT_FALSE(status().reason);
}

// For a certifier process that was started anew; what the one before was about to say still counts.
TEST_F(MaintainedPlatformTest, AsksAgainUnderTheSameId) {
  ask_again_ = 20ms;
  const auto platform = start();
  const CertificationWish first = next_wish();
  EXPECT_EQ(next_wish().id, first.id);
  answer(first);
  EXPECT_TRUE(status_says("certified"));
}

TEST_F(MaintainedPlatformTest, AnswersToAnotherFrontProcessAreIgnored) {
  for (std::uint32_t id = 0; id < 20; ++id) {
    certifier_.send(CertificationAnswer{
        .id = id, .certificate = {}, .failure = base::Error(ErrorCode::kHostNotFound, "no DNS")});
  }
  const auto platform = start();
  (void)next_wish();
  EXPECT_EQ(platform->snapshot()->state, CertificationState::kCertifying);
}

TEST_F(MaintainedPlatformTest, PublishesNothingAnyMoreWhenItIsToStop) {
  const auto platform = start();
  const CertificationWish wish = next_wish();
  platform->prepare_to_stop();
  std::filesystem::remove(dir_ / "quoted.json");
  std::filesystem::remove(dir_ / "simulated-cpu");
  answer(wish);
  std::this_thread::sleep_for(700ms);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "quoted.json"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "simulated-cpu"));
}

TEST_F(MaintainedPlatformTest, AFailureAfterwardsIsStaleAndQuotesGoOn) {
  const auto platform = start();
  const CertificationWish wish = next_wish();
  answer(wish);
  ASSERT_TRUE(status_says("certified"));
  certifier_.send(
      CertificationAnswer{.id = wish.id,
                          .certificate = {},
                          .failure = base::Error(ErrorCode::kTransferTimeout, "too slow")});
  ASSERT_TRUE(status_says("stale"));
  EXPECT_TRUE(platform->snapshot()->can_quote());
  answer(wish);
  EXPECT_TRUE(status_says("certified"));
}

TEST_F(MaintainedPlatformTest, ACertificateThatDoesNotFitIsAReason) {
  const auto platform = start();
  const CertificationWish wish = next_wish();
  certifier_.send(CertificationAnswer{
      .id = wish.id,
      .certificate = CertificationAnswer::Certificate{.pck = {.cpu_svn = {},
                                                              .pce_isv_svn = 65535,
                                                              .leaf_pem = "x",
                                                              .issuer_chain_pem = "y"},
                                                      .stale = false,
                                                      .source = "a liar",
                                                      .fetched = {},
                                                      .refresh_at = {}},
      .failure = {}});
  EXPECT_TRUE(status_says("uncertified"));
  EXPECT_FALSE(platform->snapshot()->can_quote());
}

TEST_F(MaintainedPlatformTest, AnUpdateOfTheNodeIsFollowed) {
  const auto platform = start();
  const CertificationWish first = next_wish();
  answer(first);
  ASSERT_TRUE(status_says("certified"));
  const auto cpu_before = base::read_file(dir_ / "simulated-cpu", 65536).value();

  const auto before = simulation::load_node_state(dir_ / "state" / "node.json").value();
  ASSERT_TRUE(upgrade_node());

  const CertificationWish second = next_wish();
  const sgx::CpuSvn raised =
      simulation::load_node_state(dir_ / "state" / "node.json")->present.cpu_svn;
  EXPECT_EQ(second.registration.platform.cpu_svn, raised);
  EXPECT_TRUE(platform->snapshot()->can_quote());
  EXPECT_EQ(status().tcb->cpu_svn, before.present.cpu_svn.hex());
  answer(second);
  EXPECT_TRUE(eventually([&] { return status().tcb->cpu_svn == raised.hex(); }));
  EXPECT_NE(base::read_file(dir_ / "simulated-cpu", 65536).value(), cpu_before);
  EXPECT_THAT(log_.lines_with("node_updated"), SizeIs(1));
}

TEST_F(MaintainedPlatformTest, AnUnusableNodeFileIsToldOnceAndChangesNothing) {
  const auto platform = start(false);
  ASSERT_TRUE(base::write_file(dir_ / "state" / "node.json", base::as_bytes("{"), 0644));
  EXPECT_TRUE(eventually([&] { return !log_.lines_with("node_state_unusable").empty(); }));
  std::this_thread::sleep_for(1200ms);
  EXPECT_THAT(log_.lines_with("node_state_unusable"), SizeIs(1));
  EXPECT_TRUE(platform->snapshot()->can_quote());
}

// ---- Applications that quote in their own process

TEST_F(MaintainedPlatformTest, WritesTheMachineForOthersToHost) {
  const auto platform = start(false);
  const auto provision = simulation::load_provision(dir_ / "simulated-provision");
  ASSERT_TRUE(provision) << provision.error().summary();
  EXPECT_EQ(provision->level(), simulation::default_node_state().present);

  ASSERT_EQ(::chmod((dir_ / "simulated-provision").c_str(), 0640), 0);
  ASSERT_TRUE(upgrade_node());
  EXPECT_TRUE(eventually([&] {
    const auto now = simulation::load_provision(dir_ / "simulated-provision");
    return now && now->model.cpu_svn.view()[0] == std::byte{0x0C};
  }));
  EXPECT_EQ(std::filesystem::status(dir_ / "simulated-provision").permissions(),
            std::filesystem::perms(0640));
}

TEST_F(MaintainedPlatformTest, SaysWhoUsesTheEnclaveMemory) {
  const auto platform = start(false);
  const auto other = [this] {
    const auto epc = status().epc;
    return epc ? epc->others_bytes : -1;
  };
  EXPECT_EQ(other(), 0);
  EXPECT_EQ(status().epc->size, 5 << 20);
  EXPECT_EQ(status().epc->own, 2 << 20);

  simulation::test::EpcHost host(dir_ / "simulated-epc", {2 << 20});
  ASSERT_TRUE(host.charged());
  EXPECT_TRUE(eventually([&] { return other() == 2 << 20; }));
  EXPECT_EQ(status().epc->others, 1);
  EXPECT_EQ(status().epc->largest.at(0).pid, host.pid());

  // There is no room for the next QE beside this one.
  ASSERT_TRUE(upgrade_node());
  EXPECT_TRUE(eventually([&] { return !log_.lines_with("MiB are in use").empty(); }));
  EXPECT_TRUE(platform->snapshot()->can_quote());
  host.kill();
  EXPECT_TRUE(eventually([&] { return other() == 0 && status().epc->own == 4 << 20; }));
  EXPECT_THAT(log_.lines_with("MiB are in use"), SizeIs(1));
}

}  // namespace
}  // namespace quoted::service
