#include "quoted_inproc/platform.h"

#include <gmock/gmock.h>

#include "quoted_inproc/intel_backend.h"
#include "test_support/temp_dir.h"

namespace quoted::inproc {
namespace {

using testing::AllOf;
using testing::HasSubstr;

drop_in::Refusal refusal(const char* wanted, const Devices& devices) {
  auto opened = open_backend(wanted, devices);
  EXPECT_FALSE(opened.has_value());
  return opened ? drop_in::Refusal{SGX_QL_SUCCESS, {}} : std::move(opened).error();
}

Devices with_sgx() { return {.enclave = {"/dev/null"}, .provision = {"/dev/null"}}; }
Devices without_sgx() { return {.enclave = {"/nowhere"}, .provision = {"/nowhere"}}; }

TEST(Platform, WithoutSgxThereIsNoneAndNothingIsSimulated) {
  for (const char* const unset : {static_cast<const char*>(nullptr), ""}) {
    const auto refused = refusal(unset, without_sgx());
    EXPECT_EQ(refused.code, SGX_QL_INTERFACE_UNAVAILABLE);
    EXPECT_THAT(refused.reason,
                AllOf(HasSubstr("no SGX device"), HasSubstr("SGX_AESM_ADDR=1"),
                      HasSubstr("QUOTED_PLATFORM=simulated"), HasSubstr("[QD7103]")));
  }
}

TEST(Platform, ThatNobodyKnowsIsNamed) {
  for (const Devices& devices : {with_sgx(), without_sgx()}) {
    for (const char* const wanted : {"Simulated", "simulated ", "intel", "0"}) {
      const auto refused = refusal(wanted, devices);
      EXPECT_EQ(refused.code, SGX_QL_INTERFACE_UNAVAILABLE);
      EXPECT_THAT(refused.reason, HasSubstr("QUOTED_PLATFORM is '" + std::string(wanted) + "'"));
    }
  }
}

// Intel's libraries are not installed where these tests run; that they are asked for shows that
// they were chosen.
TEST(Platform, IsIntelsWhereThereIsSgx) {
  const auto opened = open_backend(nullptr, with_sgx());
  if (opened) {
    EXPECT_NE(dynamic_cast<IntelBackend*>(opened->get()), nullptr);
  } else {
    EXPECT_EQ(opened.error().code, SGX_QL_INTERFACE_UNAVAILABLE);
    EXPECT_THAT(opened.error().reason,
                AllOf(HasSubstr("libsgx_pce_logic.so.1"), HasSubstr("package libsgx-pce-logic"),
                      HasSubstr("[QD7100]")));
  }
}

}  // namespace
}  // namespace quoted::inproc
