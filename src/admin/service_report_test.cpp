#include "admin/service_report.h"

#include <gtest/gtest.h>

namespace quoted::admin {
namespace {

TEST(ServiceReportTest, EveryLabelHasItsOwnName) {
  EXPECT_EQ(outcome_name(Outcome::kShed), "shed");
  EXPECT_EQ(stage_name(Stage::kWrite), "write");
  EXPECT_EQ(closed_name(Closed::kIdle), "idle");
  EXPECT_EQ(closed_name(Closed::kMemory), "memory");
  EXPECT_EQ(closed_name(Closed::kDefect), "defect");
}

}  // namespace
}  // namespace quoted::admin
