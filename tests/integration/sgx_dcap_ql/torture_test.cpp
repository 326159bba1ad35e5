// Thirty-two threads that quote while their process forks, and what each gets verified.
#include "../sgx_quote_ex/real_daemon.h"
#include "base/text.h"
#include "client_test.h"

namespace quoted::test {
namespace {

using base::text;
using testing::ElementsAre;

enum class Serves { kService, kSimulatedInProcess };

class Torture : public ClientTest, public testing::WithParamInterface<Serves> {
 protected:
  static constexpr int kThreads = 32;

  Torture() {
    if (GetParam() == Serves::kService) {
      install(kQuoteEx, QUOTE_EX_LIBRARY);
      ask_the_service();
      daemon_.start();
      daemon_.wait_until_it_serves();
      set("QUOTED_SOCKET", daemon_.socket());
      set("QUOTED_TIMEOUT_MS", "120000");
    } else {
      install(kInproc, INPROC_LIBRARY);
      set("QUOTED_PLATFORM", "simulated");
    }
  }

  // A report for whoever quotes.
  [[nodiscard]] std::string make_report() {
    if (GetParam() == Serves::kService) return daemon_.make_report();
    const std::string info = directory_ / "target";
    const std::string report = directory_ / "report";
    EXPECT_THAT(execute({"load", "target:" + info}), ElementsAre("load", "target 0x0000 set"));
    const ProcessResult made = run(
        {QUOTECTL_BINARY, "report", "--cpu", "sdk-sim", "--target-info", info, "--out", report});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return report;
  }

  // The enclaves of a process stay with it (aesm-protocol 7.7); a connection does not.
  [[nodiscard]] static const char* children_get() {
    return GetParam() == Serves::kService ? "children 0x00" : "children 0x14";
  }

  RealDaemon daemon_;
};

TEST_P(Torture, OfManyThreadsAndForks) {
  const std::string report = make_report();
  const std::string out = directory_ / "quote";
  EXPECT_THAT(execute({"load", text("torture:", kThreads, ":8:", report, ":", out), "unload",
                       "mapped:libsgx_quote_ex", "mapped:libquoted_inproc"}),
              ElementsAre("load", text("torture 0 failures 0x0000 ", children_get()), "unload",
                          "mapped libsgx_quote_ex no", "mapped libquoted_inproc no"))
      << err_;
  for (int i = 0; i < kThreads; ++i) daemon_.must_verify(text(out, ".", i));
}

INSTANTIATE_TEST_SUITE_P(Modes, Torture, testing::Values(Serves::kService, Serves::kSimulatedInProcess));

}  // namespace
}  // namespace quoted::test
