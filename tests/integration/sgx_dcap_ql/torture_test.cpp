// Thirty-two threads that ask the service while their process forks, and what each gets verified;
// tests/e2e/in_or_out_test.cpp has the same for quotes made in the process.
#include "../sgx_quote_ex/real_daemon.h"
#include "base/text.h"
#include "client_test.h"

namespace quoted::test {
namespace {

using base::text;
using testing::ElementsAre;

class Torture : public ClientTest {
 protected:
  static constexpr int kThreads = 32;

  Torture() {
    install(kQuoteEx, QUOTE_EX_LIBRARY);
    ask_the_service();
    daemon_.start();
    daemon_.wait_until_it_serves();
    set("QUOTED_SOCKET", daemon_.socket());
    set("QUOTED_TIMEOUT_MS", "120000");
  }

  RealDaemon daemon_;
};

TEST_F(Torture, OfManyThreadsAndForks) {
  const std::string report = daemon_.make_report();
  const std::string out = directory_ / "quote";
  EXPECT_THAT(execute({"load", text("torture:", kThreads, ":8:", report, ":", out), "unload",
                       "mapped:libsgx_quote_ex", "mapped:libquoted_inproc"}),
              ElementsAre("load", "torture 0 failures 0x0000 children 0x00", "unload",
                          "mapped libsgx_quote_ex no", "mapped libquoted_inproc no"))
      << err_;
  for (int i = 0; i < kThreads; ++i) daemon_.must_verify(text(out, ".", i));
}

}  // namespace
}  // namespace quoted::test
