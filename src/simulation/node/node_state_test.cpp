#include "simulation/node/node_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "simulation/authority/manufacturer.h"
#include "test_support/temp_dir.h"

namespace quoted::simulation {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

const base::UnixTime kNow = std::chrono::sys_days(std::chrono::year(2026) / std::chrono::July / 1);

NodeLevel higher() {
  NodeLevel out = default_node_state().present;
  out.cpu_svn.mutable_view()[0] = std::byte{0x0C};
  return out;
}

TEST(NodeState, IsTheDefaultWithoutAFile) {
  const test::TempDir dir;
  const auto state = load_node_state(dir.path() / "node.json");
  ASSERT_TRUE(state);
  EXPECT_EQ(*state, default_node_state());
  EXPECT_EQ(state->present.cpu_svn, default_platform_model().cpu_svn);
}

TEST(NodeState, SurvivesTheFile) {
  const test::TempDir dir;
  auto state = upgraded(default_node_state(), higher(), kNow);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->previous, default_node_state().present);
  ASSERT_TRUE(save_node_state(dir.path() / "node.json", *state));
  const auto again = load_node_state(dir.path() / "node.json");
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *state);
}

TEST(NodeState, GoesUpOnly) {
  const NodeState state = default_node_state();
  EXPECT_EQ(upgraded(state, state.present, kNow).error().code(), ErrorCode::kInvalidArgument);
  NodeLevel mixed = higher();
  mixed.qe_isv_svn = static_cast<std::uint16_t>(state.present.qe_isv_svn - 1);
  const auto outcome = upgraded(state, mixed, kNow);
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message(), HasSubstr("would lower an SVN"));
}

TEST(NodeState, RefusesWhatIsNotOneAndNamesTheMember) {
  EXPECT_THAT(parse_node_state("[]").error().message(), HasSubstr("not a JSON object"));
  EXPECT_THAT(parse_node_state("{").error().message(), HasSubstr("not a JSON object"));
  EXPECT_THAT(parse_node_state(R"({"format":2})").error().message(), HasSubstr("newer version"));
  EXPECT_THAT(parse_node_state(R"({"format":1})").error().message(), HasSubstr("cpu_svn"));
  const std::string good = format_node_state(default_node_state());
  for (const auto& [from, to, named] :
       {std::tuple("\"qe_isv_svn\": 8", "\"qe_isv_svn\": 65536", "qe_isv_svn"),
        std::tuple("\"format\": 1", "\"format\": 1, \"previous\": 3", "previous"),
        std::tuple("\"format\": 1", "\"format\": 1, \"upgraded_at\": \"now\"", "upgraded_at"),
        std::tuple("\"format\": 1", "\"format\": 1, \"upgraded_at\": \"2026-07-01T00:00:00Z\"",
                   "belong together")}) {
    std::string bad = good;
    bad.replace(bad.find(from), std::string_view(from).size(), to);
    const auto outcome = parse_node_state(bad);
    ASSERT_FALSE(outcome) << bad;
    EXPECT_THAT(outcome.error().message(), HasSubstr(named));
  }
}

}  // namespace
}  // namespace quoted::simulation
