// libsgx_quote_ex as it is shipped under memcheck: a C program gets quotes from the real daemon
// without an invalid access, an undefined value or a byte that is not given back.
#include <gtest/gtest.h>

#include "real_daemon.h"

namespace quoted::test {
namespace {

using namespace std::chrono_literals;

class Memcheck : public testing::Test {
 protected:
  [[nodiscard]] ProcessResult run_client(const char* client,
                                         const std::vector<std::string>& arguments) const {
    std::vector<std::string> command{VALGRIND_PROGRAM,
                                     "--quiet",
                                     "--error-exitcode=99",
                                     "--leak-check=full",
                                     "--show-leak-kinds=all",
                                     "--errors-for-leak-kinds=all",
                                     client};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run(command,
               {{"QUOTED_SOCKET", daemon_.socket()},
                {"QUOTED_TIMEOUT_MS", "240000"},
                {"QUOTED_DEBUG", "1"},
                {"C_CLIENT_ROUNDS", "3"},
                {"LD_LIBRARY_PATH", LIBRARY_DIRECTORY}},
               240s);
  }

  RealDaemon daemon_;
};

class MemcheckOfQuotes : public Memcheck, public testing::WithParamInterface<const char*> {};

TEST_P(MemcheckOfQuotes, FindsNothing) {
  daemon_.start();
  daemon_.wait_until_it_serves();
  const std::string quote = daemon_.directory() / "quote";
  const ProcessResult result = run_client(GetParam(), {daemon_.make_report(), quote});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  daemon_.must_verify(quote);
}

INSTANTIATE_TEST_SUITE_P(All, MemcheckOfQuotes,
                         testing::Values(C_CLIENT_HEADER_LINKED, C_CLIENT_HEADER_DLOPEN));

// Goes through the retries and the words for failures.
TEST_F(Memcheck, FindsNothingWhereThereIsNoDaemon) {
  const ProcessResult result = run_client(C_CLIENT_HEADER_LINKED, {});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_NE(result.err.find("0x4001"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace quoted::test
