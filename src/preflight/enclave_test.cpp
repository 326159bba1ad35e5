#include "preflight/enclave.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "simulation/cpu/published_cpu.h"
#include "test_support/temp_dir.h"

namespace quoted::preflight {
namespace {

using ::testing::HasSubstr;

TEST(Enclave, ACandidateThatWasStartedHasToPublishItsCpu) {
  const test::TempDir dir;
  const auto nothing = enclave_beside(dir / "aesm.socket");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(enclave_check(nothing, false).outcome, Outcome::kNotRun);
  const Check check = enclave_check(nothing, true);
  EXPECT_EQ(check.outcome, Outcome::kFailed);
  EXPECT_THAT(check.detail, HasSubstr("simulated-cpu"));

  ASSERT_TRUE(
      base::write_file(dir.path() / simulation::kPublishedCpuFileName, base::as_bytes("{"), 0644));
  EXPECT_EQ(enclave_check(enclave_beside(dir / "aesm.socket"), true).outcome, Outcome::kFailed);
}

TEST(Enclave, KnowsForWhomAReportIs) {
  const test::TempDir dir;
  const auto cpu = simulation::PlatformCpu::create({}, {}, {}, {}).value();
  ASSERT_TRUE(base::write_file(dir.path() / simulation::kPublishedCpuFileName,
                               simulation::serialize_published_cpu(cpu), 0644));
  const auto enclave = enclave_beside(dir / "aesm.socket");
  ASSERT_TRUE(enclave) << enclave.error().summary();
  EXPECT_EQ(enclave_check(enclave, true).outcome, Outcome::kPassed);
  sgx::TargetInfo target;
  target.mr_enclave.mutable_view()[0] = std::byte{1};
  target.attributes.flags = sgx::flags::kInit;
  sgx::Report report = enclave->make_report(target).value();
  EXPECT_EQ(enclave->flaw_of(report, target), "");
  EXPECT_THAT(enclave->flaw_of(report, {}), HasSubstr("MAC"));
  report.mac.mutable_view()[0] ^= std::byte{1};
  EXPECT_THAT(enclave->flaw_of(report, target), HasSubstr("MAC"));
}

}  // namespace
}  // namespace quoted::preflight
