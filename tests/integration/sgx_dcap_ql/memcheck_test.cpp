// libsgx_dcap_ql as it is shipped under memcheck: quotes, failures, and being closed, without an
// invalid access, an undefined value or a byte that is not given back.
#include "../sgx_quote_ex/real_daemon.h"
#include "base/text.h"
#include "client_test.h"

namespace quoted::test {
namespace {

using base::text;
using testing::Contains;

class Memcheck : public ClientTest {
 protected:
  Memcheck() {
    install(kQuoteEx, QUOTE_EX_LIBRARY);
    install(kInproc, INPROC_LIBRARY);
    set("QUOTED_TIMEOUT_MS", "240000");
  }

  [[nodiscard]] Lines check(const Commands& commands, const std::string& kinds = "all") {
    return execute(commands,
                   {VALGRIND_PROGRAM, "--quiet", "--error-exitcode=99", "--leak-check=full",
                    "--show-leak-kinds=" + kinds, "--errors-for-leak-kinds=" + kinds, DCAP_CLIENT});
  }
};

TEST_F(Memcheck, FindsNothingOutOfProcess) {
  RealDaemon daemon;
  daemon.start();
  daemon.wait_until_it_serves();
  ask_the_service();
  set("QUOTED_SOCKET", daemon.socket());
  const std::string quote = directory_ / "quote";
  const std::string command = text("quote:", daemon.make_report(), ":", quote);
  EXPECT_THAT(check({"load", "trace:3", "null", "target", "size", command, "unload", "load", "size",
                     command, "policy:0", "unload"}),
              Contains("quote 0x0000").Times(2));
  daemon.must_verify(quote);
}

TEST_F(Memcheck, FindsNothingWhereNobodyServes) {
  ask_the_service();
  EXPECT_THAT(check({"load", "trace:0", "target", "size", "unload", "load", "target", "unload"}),
              Contains("target 0xe040 zero").Times(2));
}

TEST_F(Memcheck, FindsNothingInProcessWithoutAPlatform) {
  set("QUOTED_PLATFORM", "nonsense");
  // libcrypto never lets itself be unloaded, so what the loader knows of it stays reachable.
  EXPECT_THAT(check({"load", "trace:3", "null", "policy:9", "path:0:NULL", "target", "size",
                     "unload", "load", "target", "unload"},
                    "definite,indirect,possible"),
              Contains("target 0xe00d zero").Times(2));
}

}  // namespace
}  // namespace quoted::test
