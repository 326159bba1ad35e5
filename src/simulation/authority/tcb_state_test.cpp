#include "simulation/authority/tcb_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/qe3/qe3.h"
#include "simulation/testing/samples.h"

namespace quoted::simulation {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TcbState fresh() { return default_tcb_state(default_platform_model()); }

TEST(TcbState, AFreshPlatformIsUpToDateAndOneLevelBelowIsNot) {
  TcbState state = fresh();
  EXPECT_EQ(test::outcome(check(state)), "OK");
  const PlatformModel model = default_platform_model();
  const auto present = components_of(model.cpu_svn);
  const TcbLevel* const own = level_of(state, present, model.pce_isv_svn);
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own, &state.levels.front());
  EXPECT_EQ(own->verdict.status, TcbStatus::kUpToDate);
  EXPECT_EQ(own->components, present);
  EXPECT_EQ(own->pce_svn, model.pce_isv_svn);

  auto older = present;
  --older[0];
  --older[1];
  const TcbLevel* const below = level_of(state, older, model.pce_isv_svn);
  ASSERT_NE(below, nullptr);
  EXPECT_EQ(below->verdict.status, TcbStatus::kOutOfDate);
  EXPECT_THAT(below->verdict.advisory_ids, SizeIs(1));

  const QeLevel* const qe = qe_level_of(state, kSimulatedQeIsvSvn);
  ASSERT_NE(qe, nullptr);
  EXPECT_EQ(qe->verdict.status, TcbStatus::kUpToDate);
  EXPECT_EQ(qe_level_of(state, kSimulatedQeIsvSvn - 1)->verdict.status, TcbStatus::kOutOfDate);
}

// quote-verification 11: one component or the PCESVN lower is enough to miss a level.
TEST(TcbState, ALevelIsReachedInEveryComponentOrNotAtAll) {
  TcbState state = fresh();
  const PlatformModel model = default_platform_model();
  const auto present = components_of(model.cpu_svn);
  for (std::size_t i = 0; i < present.size(); ++i) {
    auto lower = present;
    if (lower[i] == 0) continue;
    --lower[i];
    if (i != 0) lower[0] = 255;
    EXPECT_NE(level_of(state, lower, model.pce_isv_svn), &state.levels.front()) << i;
  }
  collateral::TcbComponents highest;
  highest.fill(255);
  EXPECT_EQ(level_of(state, highest, 65535), &state.levels.front());
  EXPECT_EQ(level_of(state, highest, static_cast<std::uint16_t>(model.pce_isv_svn - 1)), nullptr);
  EXPECT_EQ(level_of(state, {}, 65535), nullptr);
  EXPECT_EQ(qe_level_of(state, 0), nullptr);
}

TEST(TcbState, AModelWithNothingBelowHasOneLevel) {
  PlatformModel model = default_platform_model();
  model.cpu_svn = {};
  const TcbState state = default_tcb_state(model);
  EXPECT_THAT(state.levels, SizeIs(1));
  EXPECT_EQ(test::outcome(check(state)), "OK");
}

TEST(TcbState, StatusesAreSpeltAsInDocuments) {
  EXPECT_THAT(platform_status_names(),
              testing::ElementsAre("UpToDate", "SWHardeningNeeded", "ConfigurationNeeded",
                                   "ConfigurationAndSWHardeningNeeded", "OutOfDate",
                                   "OutOfDateConfigurationNeeded", "Revoked"));
  EXPECT_THAT(qe_status_names(),
              testing::ElementsAre("UpToDate", "ConfigurationNeeded", "OutOfDate",
                                   "OutOfDateConfigurationNeeded", "Revoked"));
  for (const std::string& name : platform_status_names()) {
    EXPECT_EQ(tcb_status_name(collateral::parse_tcb_status(name).value()), name);
  }
  EXPECT_FALSE(collateral::parse_tcb_status("uptodate"));
  EXPECT_FALSE(issuer_named("root-ca"));
}

// `change` must be refused with a message that has `words`.
template <class Change>
void expect_refused(std::string_view words, const Change& change) {
  TcbState state = fresh();
  change(state);
  const base::Status result = check(state);
  ASSERT_FALSE(result) << words;
  EXPECT_EQ(test::outcome(result), test::named(base::ErrorCode::kMalformed));
  EXPECT_THAT(result.error().message(), HasSubstr(std::string(words)));
}

TEST(TcbState, WhatVerifiersWouldRefuseIsRefusedHere) {
  expect_refused("tcbLevels has 0", [](TcbState& s) { s.levels.clear(); });
  expect_refused("tcbLevels has 65", [](TcbState& s) { s.levels.resize(65); });
  expect_refused("qeLevels has 0", [](TcbState& s) { s.qe_levels.clear(); });
  expect_refused("tcbLevels[1] is not below",
                 [](TcbState& s) { std::swap(s.levels[0], s.levels[1]); });
  expect_refused("tcbLevels[1] is not below", [](TcbState& s) { s.levels[1] = s.levels[0]; });
  expect_refused("qeLevels[1] is not below",
                 [](TcbState& s) { s.qe_levels[1].isv_svn = s.qe_levels[0].isv_svn; });
  expect_refused("qeLevels[0].tcbStatus is SWHardeningNeeded", [](TcbState& s) {
    s.qe_levels[0].verdict.status = TcbStatus::kSwHardeningNeeded;
  });
  for (const char* const id : {"", "WITH SPACE", "QUOTE\"", "\xC3\xA4", "LONGER-THAN-20-LETTERS"}) {
    expect_refused("tcbLevels[1].advisoryIDs",
                   [&](TcbState& s) { s.levels[1].verdict.advisory_ids = {id}; });
    expect_refused("qeLevels[0].advisoryIDs",
                   [&](TcbState& s) { s.qe_levels[0].verdict.advisory_ids = {id}; });
  }
  expect_refused("advisoryIDs has 65",
                 [](TcbState& s) { s.levels[0].verdict.advisory_ids.resize(65, "A-1"); });
  expect_refused("validDays is 0", [](TcbState& s) { s.valid_days = 0; });
  expect_refused("validDays is 36526", [](TcbState& s) { s.valid_days = kMaxValidDays + 1; });
}

}  // namespace
}  // namespace quoted::simulation
