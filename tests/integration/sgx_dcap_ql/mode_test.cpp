// Which mode serves, and what each refuses before anything is opened (aesm-protocol 7.2, 7.3).
#include "client_test.h"

namespace quoted::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// The mode shows by the answer to a call that only one of them has.
constexpr const char* kInProcess = "cleanup 0x0000";
constexpr const char* kOutOfProcess = "cleanup 0xe03e";

class Mode : public ClientTest {};

TEST_F(Mode, IsInProcessWithoutTheVariable) {
  EXPECT_THAT(execute({"load", "cleanup"}), ElementsAre("load", kInProcess));
}

TEST_F(Mode, IsOutOfProcessWithAnyValue) {
  for (const std::string value : {"", "0", "1", "no", "127.0.0.1"}) {
    EXPECT_THAT(execute({"setenv:SGX_AESM_ADDR=" + value, "load", "cleanup"}),
                ElementsAre("setenv", "load", kOutOfProcess))
        << value;
  }
}

TEST_F(Mode, IsReadOnceForEachLoad) {
  EXPECT_THAT(
      execute({"load", "setenv:SGX_AESM_ADDR=1", "cleanup", "target", "unload", "load",
               "unsetenv:SGX_AESM_ADDR", "cleanup", "target", "unload", "load", "cleanup"}),
      ElementsAre("load", "setenv", kInProcess, "target 0xe00d zero", "unload", "load", "unsetenv",
                  kOutOfProcess, "target 0xe040 zero", "unload", "load", kInProcess));
}

TEST_F(Mode, OutOfProcessRefusesWhatBelongsToTheEnclaves) {
  ask_the_service();
  EXPECT_THAT(execute({"load", "policy:0", "policy:1", "policy:2", "cleanup", "path:0:/dev/null",
                       "path:99:NULL"}),
              ElementsAre("load", "policy 0xe03e", "policy 0xe03e", "policy 0xe03e",
                          "cleanup 0xe03e", "path 0xe03e", "path 0xe03e"));
}

TEST_F(Mode, NullIsRefusedInBoth) {
  constexpr const char* kAll =
      "null target 0xe002 size 0xe002 report 0xe002 buffer 0xe002 both 0xe002";
  EXPECT_THAT(execute({"load", "null"}), ElementsAre("load", kAll));
  ask_the_service();
  EXPECT_THAT(execute({"load", "null"}), ElementsAre("load", kAll));
}

TEST_F(Mode, CallbackIsAlwaysTakenAndSetsTheVariables) {
  for (const bool service : {false, true}) {
    if (service) ask_the_service();
    EXPECT_THAT(
        execute({"load", "variables", "trace:0", "variables", "trace:1", "variables", "trace:2",
                 "variables", "trace:3", "variables", "trace:4", "variables", "trace:3", "untrace",
                 "variables"}),
        ElementsAre("load", "variables 0 null", "trace 0x0000", "variables 1 set", "trace 0x0000",
                    "variables 2 set", "trace 0x0000", "variables 3 set",
                    // every call that succeeds is told at the last level, and setting it is one
                    "say 3 sgx_ql_set_trace_callback succeeds", "trace 0x0000", "variables 4 set",
                    "trace 0x0000", "variables 0 null", "say 3 sgx_ql_set_trace_callback succeeds",
                    "trace 0x0000", "untrace 0x0000", "variables 0 null"));
  }
}

TEST_F(Mode, ReasonsAreToldAtTheLevelOfErrors) {
  ask_the_service();
  EXPECT_THAT(execute({"load", "trace:0", "policy:0", "null", "untrace", "policy:0"}),
              testing::Contains(AllOf(HasSubstr("say 0 sgx_qe_set_enclave_load_policy returns "
                                                "0xe03e: SGX_AESM_ADDR was set"),
                                      HasSubstr("[QD7108]")))
                  .Times(1));
}

TEST_F(Mode, ReasonsGoToStandardErrorWhenDebuggingIsWanted) {
  set("QUOTED_DEBUG", "1");
  EXPECT_EQ(execute({"load", "null"}).size(), 2U);
  EXPECT_THAT(err_, HasSubstr("libsgx_dcap_ql: sgx_qe_get_target_info returns 0xe002: "
                              "p_qe_target_info is NULL\n"));
}

TEST_F(Mode, NothingIsOpenedBeforeItIsNeeded) {
  install(kQuoteEx, QUOTE_EX_LIBRARY);
  install(kInproc, INPROC_LIBRARY);
  const Commands commands{"load", "null", "mapped:libsgx_quote_ex.so",
                          "mapped:libquoted_inproc.so"};
  const auto none = AllOf(testing::Contains("mapped libsgx_quote_ex.so no"),
                          testing::Contains("mapped libquoted_inproc.so no"));
  EXPECT_THAT(execute(commands), none);
  ask_the_service();
  EXPECT_THAT(execute(commands), none);
}

}  // namespace
}  // namespace quoted::test
