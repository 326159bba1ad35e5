#include "simulation/authority/drills.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/testing/authority_fixture.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using test::kNow;
using test::named;
using test::outcome;
using testing::ElementsAre;

TEST(Drills, ARecoveryLeavesTheOldLevelsBehind) {
  World world = default_world();
  const Edition before = world.present;
  TcbRecovery recovery;
  recovery.advisories = {"SIMULATED-SA-00002"};
  const auto done = recover_tcb(world, recovery, kNow + std::chrono::hours(5));
  ASSERT_TRUE(done) << done.error().summary();
  EXPECT_EQ(done->old_number, 1U);
  EXPECT_EQ(done->new_number, 2U);
  EXPECT_EQ(done->left_behind, 1U);
  ASSERT_EQ(world.earlier.size(), 1U);
  EXPECT_EQ(world.earlier[0], before);
  const auto& levels = world.present.state.levels;
  ASSERT_EQ(levels.size(), 3U);
  EXPECT_EQ(levels[0].components[0], before.state.levels[0].components[0] + 1);
  EXPECT_EQ(levels[0].pce_svn, before.state.levels[0].pce_svn);
  EXPECT_EQ(levels[0].verdict, (TcbVerdict{kNow, TcbStatus::kUpToDate, {}}));
  EXPECT_EQ(levels[1].verdict.status, TcbStatus::kOutOfDate);
  EXPECT_THAT(levels[1].verdict.advisory_ids, ElementsAre("SIMULATED-SA-00002"));
  EXPECT_EQ(world.present.recovery_event, kNow);
  EXPECT_EQ(world.standard(kNow + std::chrono::hours(5)).state.evaluation_number, 2U);
}

TEST(Drills, ARecoveryMustRaiseSomethingAndChangesNothingOtherwise) {
  World world = default_world();
  const World before = world;
  TcbRecovery recovery;
  recovery.raise_cpu_svn = false;
  EXPECT_EQ(outcome(recover_tcb(world, recovery, kNow)), named(ErrorCode::kInvalidArgument));
  recovery.pce_svn = 12;
  EXPECT_EQ(outcome(recover_tcb(world, recovery, kNow)), named(ErrorCode::kInvalidArgument));
  recovery.pce_svn = 14;
  recovery.advisories = {"not an advisory!"};
  EXPECT_EQ(outcome(recover_tcb(world, recovery, kNow)), named(ErrorCode::kMalformed));
  EXPECT_EQ(world.present, before.present);
  EXPECT_TRUE(world.earlier.empty());
  recovery.advisories = {};
  EXPECT_EQ(outcome(recover_tcb(world, recovery, kNow)), "OK");
  world.present.state.levels[0].components[0] = 255;
  EXPECT_EQ(outcome(recover_tcb(world, {}, kNow)), named(ErrorCode::kInvalidArgument));
}

TEST(Drills, ConfigurationStaysNeededAndRevokedStaysRevoked) {
  World world = default_world();
  world.present.state.levels[0].verdict.status = TcbStatus::kConfigurationNeeded;
  world.present.state.levels[1].verdict.status = TcbStatus::kRevoked;
  ASSERT_TRUE(recover_tcb(world, {}, kNow));
  EXPECT_EQ(world.present.state.levels[1].verdict.status, TcbStatus::kOutOfDateConfigurationNeeded);
  EXPECT_EQ(world.present.state.levels[2].verdict.status, TcbStatus::kRevoked);
}

TEST(Drills, OldNumbersAreRetired) {
  World world = default_world();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(recover_tcb(world, {}, kNow));
  EXPECT_THAT(world.retired_numbers, ElementsAre(1U, 2U));
  EXPECT_EQ(world.earlier.size(), 2U);
  EXPECT_NE(world.edition(3), nullptr);
  EXPECT_EQ(world.edition(2), nullptr);
}

TEST(Drills, TheQuotingEnclaveRecoversToo) {
  World world = default_world();
  const std::uint16_t best = world.present.state.qe_levels[0].isv_svn;
  EXPECT_EQ(outcome(recover_qe(world, {best, {}, {}}, kNow)), named(ErrorCode::kInvalidArgument));
  const auto done = recover_qe(world, {static_cast<std::uint16_t>(best + 1), {}, {}}, kNow);
  ASSERT_TRUE(done);
  EXPECT_EQ(world.present.state.evaluation_number, 2U);
  EXPECT_EQ(world.present.state.qe_levels[0].isv_svn, best + 1);
  EXPECT_EQ(world.present.state.qe_levels[1].verdict.status, TcbStatus::kOutOfDate);
  EXPECT_EQ(world.present.state.levels[0].verdict.status, TcbStatus::kUpToDate);
}

TEST(Drills, ALevelIsJudgedWithoutANewNumber) {
  World world = default_world();
  EXPECT_TRUE(judge_level(world, 0, {TcbStatus::kSwHardeningNeeded, {"A-1", "A-1", "A-2"}, {}}));
  EXPECT_THAT(world.present.state.levels[0].verdict.advisory_ids, ElementsAre("A-1", "A-2"));
  EXPECT_TRUE(judge_level(world, 0, {std::nullopt, {}, {"A-1"}}));
  EXPECT_THAT(world.present.state.levels[0].verdict.advisory_ids, ElementsAre("A-2"));
  EXPECT_EQ(world.present.state.levels[0].verdict.status, TcbStatus::kSwHardeningNeeded);
  EXPECT_EQ(world.present.state.evaluation_number, 1U);
  EXPECT_FALSE(judge_level(world, 2, {}));
  EXPECT_TRUE(judge_qe_level(world, world.present.state.qe_levels[1].isv_svn,
                             {TcbStatus::kRevoked, {}, {}}));
  EXPECT_FALSE(judge_qe_level(world, 999, {}));
}

TEST(Drills, RevocationsRaiseTheNumberOfTheirCrl) {
  World world = default_world();
  const auto serial = test::counting<crypto::SerialNumber>(1);
  EXPECT_TRUE(set_revoked(world, serial, Revoking::kRevoke));
  EXPECT_FALSE(set_revoked(world, serial, Revoking::kRevoke));
  EXPECT_TRUE(set_revoked(world, RevocableIssuer::kTcbSigning, Revoking::kRevoke));
  EXPECT_TRUE(set_revoked(world, serial, Revoking::kTakeBack));
  EXPECT_FALSE(set_revoked(world, serial, Revoking::kTakeBack));
  EXPECT_EQ(world.present.state.pck_crl_number, 3U);
  EXPECT_EQ(world.present.state.root_crl_number, 2U);
}

}  // namespace
}  // namespace quoted::simulation
