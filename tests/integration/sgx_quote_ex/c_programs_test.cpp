// Programs in plain C get quotes that verify, through linking and through dlopen, with our header
// and with declarations of their own.
#include <gtest/gtest.h>

#include "real_daemon.h"

namespace quoted::test {
namespace {

class CPrograms : public testing::TestWithParam<const char*> {
 protected:
  // With the variable by which applications choose quoting out of process.
  [[nodiscard]] ProcessResult run_client(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command{GetParam()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run(command, {{"QUOTED_SOCKET", daemon_.socket()},
                         {"QUOTED_DEBUG", "1"},
                         {"SGX_AESM_ADDR", "1"},
                         {"LD_LIBRARY_PATH", LIBRARY_DIRECTORY}});
  }

  RealDaemon daemon_;
};

TEST_P(CPrograms, GetVerifiedQuotes) {
  daemon_.start();
  daemon_.wait_until_it_serves();
  const std::string quote = daemon_.directory() / "quote";
  const ProcessResult result = run_client({daemon_.make_report(), quote});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  daemon_.must_verify(quote);
}

TEST_P(CPrograms, SayWhyWhenThereIsNoDaemon) {
  const ProcessResult result = run_client({});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("0x4001"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find(daemon_.socket()), std::string::npos) << result.err;
}

INSTANTIATE_TEST_SUITE_P(All, CPrograms,
                         testing::Values(C_CLIENT_HEADER_LINKED, C_CLIENT_HEADER_DLOPEN,
                                         C_CLIENT_BY_HAND_LINKED, C_CLIENT_BY_HAND_DLOPEN));

}  // namespace
}  // namespace quoted::test
