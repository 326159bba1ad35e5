// libsgx_dcap_quoteverify as it is shipped under memcheck: a C program opens it, verifies and
// closes it without an invalid access, an undefined value or a byte that is lost.
#include "relying_party.h"

namespace quoted::test {
namespace {

TEST(Memcheck, FindsNothing) {
  for (const char* const name : {"sgx-v3-platform-sw-hardening", "tdx-v4-up-to-date",
                                 "converge_OutOfDate__qe_UpToDate", "truncated_after_qe_auth"}) {
    const VectorCase vector = vector_named(name);
    // What libcrypto keeps until the process ends is still reachable then.
    std::vector<std::string> command{VALGRIND_PROGRAM, "--quiet", "--error-exitcode=99",
                                     "--leak-check=full",
                                     "--errors-for-leak-kinds=definite,indirect,possible"};
    for (const std::string& argument : question_of(vector)) command.push_back(argument);
    const ProcessResult result =
        run(command, environment_of(vector, {{"RP_ROUNDS", "3"}, {"RP_THREADS", "2"}}),
            std::chrono::minutes(5));
    EXPECT_EQ(result.exit_code, 0) << name << ": " << result.err;
    EXPECT_NE(result.out.find(
                  answer_line("tee", vector.qv_return, vector.qv_result, vector.expiration_status)),
              std::string::npos)
        << result.out;
  }
}

}  // namespace
}  // namespace quoted::test
